import { type Context, evalToken, type Liquid, Tag, type TagToken, type Template } from "liquidjs";
import type { Emitter, Parser, TopLevelToken, ValueToken } from "liquidjs";

/**
 * `{% JSONArrayFor item in list %} … {% endJSONArrayFor %}`: API Management's own loop, with commas between the items.
 * An item that writes nothing gets no comma, so that what is left is JSON.
 */
export class JsonArrayFor extends Tag {
  readonly #variable: string;
  readonly #list: ValueToken;
  readonly #templates: Template[] = [];

  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid);
    const variable = this.tokenizer.readIdentifier();
    const word = this.tokenizer.readIdentifier();
    const list = this.tokenizer.readValue();
    this.tokenizer.skipBlank();
    if (variable.size() === 0 || word.content !== "in" || list === undefined || !this.tokenizer.end()) {
      throw new Error(`${token.name} is written: ${token.name} item in list`);
    }
    this.#variable = variable.content;
    this.#list = list;
    parser
      .parseStream(rest)
      .on<TagToken>(`tag:end${token.name}`, function stop() {
        this.stop();
      })
      .on<Template>("template", (template) => void this.#templates.push(template))
      .on("end", () => {
        throw new Error(`tag ${token.getText()} not closed`);
      })
      .start();
  }

  override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const items = listOf(yield evalToken(this.#list, context));
    const scope: Record<string, unknown> = {};
    context.push(scope);
    let isFirst = true;
    for (const item of items) {
      scope[this.#variable] = item;
      const written = String(yield this.liquid.renderer.renderTemplates(this.#templates, context));
      context.memoryLimit.use(written.length);
      const isBlank = written.trim() === "";
      emitter.write(isFirst || isBlank ? written : `,${written}`);
      if (!isBlank) isFirst = false;
    }
    context.pop();
  }
}

/** What is no list is one item, nothing is none. */
function listOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value === "object" && Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  return [value];
}
