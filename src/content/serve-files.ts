import { Buffer } from "node:buffer";
import { type Outcome, refuse } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { FilesHandler } from "#model/handler.ts";
import { HeaderList } from "#model/header-list.ts";
import { contentRange, multipart } from "./byte-ranges.ts";
import { judgeConditions, rangeHolds } from "./conditions.ts";
import { FileBody, lengthOf, type Piece, takePieces } from "./file-body.ts";
import type { FileRoom } from "./file-room.ts";
import { FileSearch, type FoundFile, type Search } from "./find-file.ts";
import { writeHttpDate } from "./http-date.ts";
import { closeFile } from "./open-file.ts";
import type { Listing } from "./list-folder.ts";
import { listingJson, listingPage } from "./listing-page.ts";
import { type ByteRange, readRanges } from "./ranges.ts";
import { chooseRepresentation, type Representation } from "./representation.ts";
import { readSitePath, type SitePath } from "./site-path.ts";

/** Answers from a folder. Reads the draft's method, path and headers, as policies have left them. */
export function linkFiles(settings: FilesHandler, room: FileRoom): (exchange: Exchange) => Promise<Outcome> {
  const site = new Site(settings, room);
  return (exchange) => site.serve(exchange);
}

const missing: Search = { kind: "missing" };

class Site {
  readonly #settings: FilesHandler;
  readonly #room: FileRoom;
  readonly #search: FileSearch;
  readonly #notFound: SitePath | undefined;

  constructor(settings: FilesHandler, room: FileRoom) {
    this.#settings = settings;
    this.#room = room;
    this.#search = new FileSearch(settings, room);
    this.#notFound = settings.notFound === null ? undefined : readSitePath(settings.notFound);
  }

  async serve(exchange: Exchange): Promise<Outcome> {
    const { method } = exchange.request;
    if (method !== "GET" && method !== "HEAD") {
      return refuse("method-not-allowed", { headers: ["Allow", "GET, HEAD"] });
    }
    if (this.#room.isFull) return tooMany();
    try {
      return await this.#answer(exchange);
    } catch (error) {
      if (isTooMany(error)) return tooMany();
      throw error;
    }
  }

  async #answer(exchange: Exchange): Promise<Outcome> {
    const path = readSitePath(exchange.request.path || "/");
    const found = path === undefined ? missing : await this.#find(exchange, path);
    if (found.kind === "file") return this.#give(exchange, found, 200);
    if (found.kind === "forbidden") return refuse("file-forbidden");
    if (found.kind === "folder") return redirectToFolder(exchange);
    const listed = path?.folder === true ? await this.#search.list(path) : "missing";
    if (listed === "forbidden") return refuse("file-forbidden");
    if (path !== undefined && listed !== "missing") return giveListing(exchange, listed, path);
    const page = this.#notFound === undefined ? "missing" : await this.#search.open(this.#notFound);
    return typeof page === "string" ? refuse("file-not-found") : this.#give(exchange, page, 404);
  }

  /** A client is led to the slash where its own path lacks it; a path that a policy made is not the client's to correct. */
  async #find(exchange: Exchange, path: SitePath): Promise<Search> {
    const found = await this.#search.find(path);
    if (found.kind !== "folder") return found;
    if (this.#settings.canonical !== false) return endsAsSent(exchange) ? found : missing;
    const index = await this.#search.find({ ...path, folder: true });
    return index.kind === "folder" ? missing : index;
  }

  async #give(exchange: Exchange, found: FoundFile, status: number): Promise<Outcome> {
    const { precompressed } = this.#settings;
    const accepted = exchange.request.headers.joined("accept-encoding");
    const form = await chooseRepresentation(found, precompressed, accepted, this.#search);
    const body = this.#respond(exchange, form, status);
    exchange.trail.push({
      door: "upstream",
      step: "files",
      outcome: "answered",
      detail: `/${found.path.names.join("/")}${form.coding === null ? "" : ` (${form.coding})`}`,
      micros: 0,
    });
    // The client may have gone while the file was looked for: nobody else would close it then.
    if (body === null) await closeFile(form.file);
    else if (exchange.aborted) body.cancel();
    else exchange.forwarding = body;
    return undefined;
  }

  /** Sets the response. @returns its body, when that holds the file open. */
  #respond(exchange: Exchange, form: Representation, status: number): FileBody | null {
    const { request } = exchange;
    const headers = this.#fields(form, status);
    const verdict = status === 200 ? judgeConditions(request.headers, form) : "go-on";
    if (verdict !== "go-on") return this.#bare(exchange, verdict === "failed" ? 412 : 304, headers);
    const ranges = status === 200 && request.method === "GET" ? rangesOf(exchange, form) : "whole";
    if (ranges === "none") {
      headers.set("Content-Range", `bytes */${form.file.size}`);
      return this.#bare(exchange, 416, headers);
    }
    const pieces = ranges === "whole" ? wholeOf(form) : describe(exchange, form, ranges, headers);
    const length = lengthOf(pieces);
    // For HEAD, which has no body to count.
    headers.set("Content-Length", String(length));
    const body = request.method === "HEAD" || length === 0 ? null : this.#bodyOf(form, pieces);
    exchange.response = new ResponseDraft(ranges === "whole" ? status : 206, "", headers, body, "content");
    return body instanceof FileBody ? body : null;
  }

  #bodyOf({ file }: Representation, pieces: readonly Piece[]): FileBody | Uint8Array {
    const { content } = file;
    if (content instanceof Uint8Array) return takePieces(content, pieces);
    return new FileBody(file, content, pieces, this.#room);
  }

  /** Without the fields that describe a content that is not there. */
  #bare(exchange: Exchange, status: number, headers: HeaderList): null {
    headers.delete("content-type");
    headers.delete("content-encoding");
    exchange.response = new ResponseDraft(status, "", headers, null, "content");
    return null;
  }

  #fields({ type, etag, modified, coding }: Representation, status: number): HeaderList {
    const headers = new HeaderList(["Content-Type", type]);
    if (status === 200) {
      headers.append("Last-Modified", writeHttpDate(modified));
      headers.append("ETag", etag);
      headers.append("Accept-Ranges", "bytes");
      if (this.#settings.cacheControl !== null) headers.append("Cache-Control", this.#settings.cacheControl);
    }
    if (coding !== null) headers.append("Content-Encoding", coding);
    if (this.#settings.precompressed.length > 0) headers.append("Vary", "Accept-Encoding");
    return headers;
  }
}

/** As JSON for whoever asks for it, else as a page. */
function giveListing(exchange: Exchange, listing: Listing, { names }: SitePath): undefined {
  const { request } = exchange;
  const isJson = /application\/json/i.test(request.headers.joined("accept") ?? "");
  const type = isJson ? "application/json; charset=utf-8" : "text/html; charset=utf-8";
  const body = Buffer.from(isJson ? listingJson(listing) : listingPage(listing, names));
  const headers = new HeaderList(["Content-Type", type, "Content-Length", String(body.length), "Vary", "Accept"]);
  exchange.response = new ResponseDraft(200, "", headers, request.method === "HEAD" ? null : body, "content");
  exchange.trail.push({
    door: "upstream",
    step: "files",
    outcome: "answered",
    detail: `/${names.map((name) => `${name}/`).join("")}`,
    micros: 0,
  });
}

function rangesOf({ request }: Exchange, form: Representation): readonly ByteRange[] | "whole" | "none" {
  const field = request.headers.get("range");
  return field === undefined || !rangeHolds(request.headers, form) ? "whole" : readRanges(field, form.file.size);
}

function wholeOf({ file: { size } }: Representation): readonly Piece[] {
  return size === 0 ? [] : [{ first: 0, last: size - 1 }];
}

/** One range is sent as it is, several as parts. */
function describe(
  { facts }: Exchange,
  { file: { size }, type }: Representation,
  ranges: readonly ByteRange[],
  headers: HeaderList,
): readonly Piece[] {
  const [only, second] = ranges;
  if (only !== undefined && second === undefined) {
    headers.append("Content-Range", contentRange(only, size));
    return ranges;
  }
  const boundary = `part-${facts.id}`;
  headers.set("Content-Type", `multipart/byteranges; boundary=${boundary}`);
  return multipart(ranges, size, type, boundary);
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/"));
}

/** The client asked for something of that name: the redirect that adds a slash to its path leads to the same place. */
function endsAsSent({ facts, request }: Exchange): boolean {
  return lastSegment(request.path) === lastSegment(facts.path);
}

/** The path is normalised, so it does not start with two slashes: no other host. */
export function redirectToFolder(exchange: Exchange): undefined {
  const { path, query } = exchange.facts;
  const headers = new HeaderList(["Location", `${path}/${query === "" ? "" : `?${query}`}`]);
  exchange.response = new ResponseDraft(308, "", headers, null, "content");
}

function tooMany(): Outcome {
  return refuse("overloaded", { headers: ["Retry-After", "1"], detail: "too many files are open" });
}

function isTooMany(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}
