import type { ImportedApi } from "./apis.ts";
import { type Import, policyFile } from "./import.ts";
import { Information, parseJson, isRecord, type Resource, resourcesOf } from "./information.ts";

/** Products with their APIs; and one for each API that asks for a key and is in none. */
export function importProducts(context: Import, apis: readonly ImportedApi[]): void {
  const held = new Set<string>();
  const open = new Map<string, string>();
  const described = resourcesOf(context, "products", "productInformation.json");
  for (const product of [...described, ...undescribed(context, described)]) {
    const members = membersOf(context, product, apis);
    for (const name of importProduct(context, product, members, open)) held.add(name);
  }
  for (const api of apis) if (api.needsKey && !held.has(api.name)) addOwnProduct(context, api, apis, held);
}

/** Built-in products are extracted without what they are: a key is asked for, whatever they asked for. */
function undescribed({ artifacts, report }: Import, described: readonly Resource[]): readonly Resource[] {
  const folders = [...artifacts.texts.keys()].map(
    (path) => /^products\/([^/]+)\/(?:apis|policy)\b/.exec(path)?.[1] ?? "",
  );
  const ids = [...new Set(folders)].filter(
    (id) => id !== "" && !described.some(({ folder }) => folder === `products/${id}`),
  );
  return ids.map((id) => {
    const folder = `products/${id}`;
    report.refuse(folder, `lacks productInformation.json: ${id} asks for a key here`);
    return { id, folder, path: folder, information: new Information({}) };
  });
}

function importProduct(
  context: Import,
  { id, folder, path, information }: Resource,
  members: readonly string[],
  open: Map<string, string>,
): readonly string[] {
  const { report, draft } = context;
  const name = context.products.give(id);
  const isOpen = information.flag("subscriptionRequired") === false;
  const kept = members.filter((api) => {
    const other = isOpen ? open.get(api) : undefined;
    if (other !== undefined)
      report.refuse(path, `${api} is in the open product ${other} already, and not in ${name} too`);
    else if (isOpen) open.set(api, name);
    return other === undefined;
  });
  const limit = information.number("subscriptionsLimit");
  const groups = groupsOf(context, folder).filter((group) => group !== "administrators");
  const settings = {
    displayName: information.text("displayName"),
    ...(kept.length === 0 ? {} : { apis: kept }),
    subscription: isOpen ? "open" : "key",
    ...(information.flag("approvalRequired") === true ? { approvalRequired: true } : {}),
    ...(limit !== undefined && limit > 0 ? { subscriptionsLimit: limit } : {}),
    ...(groups.length === 0 ? {} : { groups }),
    ...(information.text("state") === "notPublished" ? { state: "notPublished" } : {}),
    policies: policyFile(context, `${folder}/policy.xml`, `products/${name}/policy.xml`),
  };
  draft.put("products", name, settings, [path]);
  report.map(path, `products.${name}`);
  return kept;
}

/** A folder for each group; earlier versions of the tool wrote one list. */
function groupsOf({ artifacts, settled, report }: Import, folder: string): readonly string[] {
  const names: string[] = [];
  for (const [path, text] of artifacts.texts) {
    const [id = "", file] = path.startsWith(`${folder}/groups/`) ? path.slice(folder.length + 8).split("/") : [];
    if (file !== "productGroupInformation.json" && path !== `${folder}/groups.json`) continue;
    settled.add(path);
    const list = file === undefined ? parseJson(text) : [{ name: id }];
    for (const one of Array.isArray(list) ? list.filter(isRecord) : []) {
      const { name } = one;
      if (typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) names.push(name);
      else report.refuse(path, "names a group that cannot be one here: its members may not subscribe");
    }
  }
  return [...new Set(names)];
}

/** A product holds every revision of an API. */
function membersOf(context: Import, { folder }: Resource, apis: readonly ImportedApi[]): readonly string[] {
  const names: string[] = [];
  for (const { id, path } of linksOf(context, folder)) {
    const base = id.replace(/;rev=\d+$/, "").toLowerCase();
    const found = apis.filter((api) => api.id.toLowerCase() === base);
    if (found.length === 0) context.report.refuse(path, `there is no API ${id} to put into the product`);
    names.push(...found.map(({ name }) => name));
  }
  return [...new Set(names)];
}

/** A folder for each API; earlier versions of the tool wrote one list. */
function linksOf(
  { artifacts, settled }: Import,
  folder: string,
): readonly { readonly id: string; readonly path: string }[] {
  const links: { id: string; path: string }[] = [];
  for (const [path, text] of artifacts.texts) {
    if (path === `${folder}/apis.json`) {
      settled.add(path);
      const list = parseJson(text);
      for (const one of Array.isArray(list) ? list.filter(isRecord) : []) {
        if (typeof one["name"] === "string") links.push({ id: one["name"], path });
      }
    }
    const [id = "", file] = path.startsWith(`${folder}/apis/`) ? path.slice(folder.length + 6).split("/") : [];
    if (file !== "productApiInformation.json") continue;
    settled.add(path);
    links.push({ id, path });
  }
  return links;
}

/** Keys for one API, or for all, open what asks for a key; that it does is what a product says. */
function addOwnProduct(context: Import, api: ImportedApi, apis: readonly ImportedApi[], held: Set<string>): void {
  const revisions = apis.filter(({ id, needsKey, name }) => id === api.id && needsKey && !held.has(name));
  const name = context.products.give(`${api.name}-keys`);
  const settings = { displayName: api.displayName, apis: revisions.map((one) => one.name), subscription: "key" };
  context.draft.put("products", name, settings, [`${api.path}: asks for a key and is in no product`]);
  for (const one of revisions) held.add(one.name);
  context.report.note(
    api.path,
    `${api.name} asks for a key and is in no product: ${name} holds it, for keys of its own`,
  );
}
