export interface Activity {
  readonly category_uid: number;
  readonly category_name: string;
  readonly class_uid: number;
  readonly class_name: string;
  readonly activity_id: number;
  readonly activity_name: string;
}

const other = 99;

/** Activities of API Activity, by method. @see https://schema.ocsf.io/1.9.0/classes/api_activity */
const apiActivities: Readonly<Record<string, readonly [number, string]>> = {
  POST: [1, "Create"],
  GET: [2, "Read"],
  HEAD: [2, "Read"],
  PUT: [3, "Update"],
  PATCH: [3, "Update"],
  DELETE: [4, "Delete"],
};

/** @see https://schema.ocsf.io/1.9.0/classes/http_activity */
const httpActivities: Readonly<Record<string, readonly [number, string]>> = {
  CONNECT: [1, "Connect"],
  DELETE: [2, "Delete"],
  GET: [3, "Get"],
  HEAD: [4, "Head"],
  OPTIONS: [5, "Options"],
  POST: [6, "Post"],
  PUT: [7, "Put"],
  TRACE: [8, "Trace"],
  PATCH: [9, "Patch"],
};

export function apiActivity(method: string): Activity {
  const [activity_id, activity_name] = named(apiActivities, method);
  return {
    category_uid: 6,
    category_name: "Application Activity",
    class_uid: 6003,
    class_name: "API Activity",
    activity_id,
    activity_name,
  };
}

export function httpActivity(method: string): Activity {
  const [activity_id, activity_name] = named(httpActivities, method);
  return {
    category_uid: 4,
    category_name: "Network Activity",
    class_uid: 4002,
    class_name: "HTTP Activity",
    activity_id,
    activity_name,
  };
}

function named(
  activities: Readonly<Record<string, readonly [number, string]>>,
  method: string,
): readonly [number, string] {
  return (Object.hasOwn(activities, method) ? activities[method] : undefined) ?? [other, method];
}
