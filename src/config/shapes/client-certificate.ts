import { choice } from "./choice.ts";
import type { Shape } from "./shape.ts";

/** Whether a request must come with a verified client certificate. */
export const clientCertificate: Shape<"require" | "request"> = choice(["require", "request"]);
