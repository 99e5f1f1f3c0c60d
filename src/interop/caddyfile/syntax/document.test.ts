import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Document, readDocument } from "./document.ts";
import type { Line } from "./tree.ts";

function read(source: string, files: Readonly<Record<string, string>> = {}): Document {
  return readDocument(source, {
    file: "/etc/Caddyfile",
    variables: {},
    files: {
      read: (path) => files[path],
      glob: () => Object.keys(files).filter((name) => name.startsWith("/etc/sites/")),
    },
  });
}

const shown = ({ name, args, block }: Line): string =>
  [name.text, ...args.map(({ text }) => text), ...(block === null ? [] : [`{${block.map(shown).join(";")}}`])].join(
    " ",
  );

const linesOf = (document: Document): readonly string[] => document.sites.flatMap(({ lines }) => lines.map(shown));

describe("a Caddyfile", () => {
  it("without braces is one site", () => {
    const { sites } = read("a.test,\nb.test\nrespond x\nhandle {\n\trespond y\n}");
    assert.deepEqual(
      sites.map(({ keys }) => keys.map(({ text }) => text)),
      [["a.test,", "b.test"]],
    );
    assert.equal(sites[0]?.lines.length, 2);
  });

  it("fills snippets with arguments and blocks", () => {
    const source = `(s) {
	header X {args[0]}
	respond {args[1:]}
	handle {
		{block}
	}
	{blocks.extra}
}
a.test {
	import s "one two" 3 4 {
		extra {
			abort
		}
	}
}`;
    assert.deepEqual(linesOf(read(source)), ["header X one two", "respond 3 4", "handle {extra {abort}}", "abort"]);
  });

  it("takes files, with snippets in them, relative to the one that names them", () => {
    const files = { "/etc/sites/a": "a.test {\n\trespond a\n}", "/etc/sites/b": "b.test {\n\trespond b\n}" };
    assert.deepEqual(linesOf(read("import sites/*", files)), ["respond a", "respond b"]);
  });

  it("says at which line it cannot be read", () => {
    const faults = (source: string): unknown => {
      try {
        read(source);
        return null;
      } catch (error) {
        return (error as { line?: number }).line;
      }
    };
    assert.equal(faults("(a) {\n\timport a\n}\nx.test {\n\timport a\n}"), 2, "a cycle");
    assert.equal(faults("x.test {\n\timport nowhere\n}"), 2);
    assert.equal(faults("x.test {\n\thandle {\n}"), 1);
    assert.equal(faults("x.test {\n}\n{\n\tdebug\n}"), 3);
  });
});
