import type { Token } from "./token.ts";

const one = /\{args(?:\.(\d+)|\[(-?\d+)\])\}/g;
const range = /^\{args\[(\d*):(\d*)\]\}$/;

/** Puts what an import was given in the place of `{args[0]}`, `{args.0}` and `{args[1:]}`. */
export function fillArguments(tokens: readonly Token[], args: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token) => {
    const slice = range.exec(token.text);
    if (slice !== null) return several(token, args, slice[1], slice[2]);
    const text = token.text.replace(one, (whole, dotted: string | undefined, indexed: string | undefined) => {
      return args[Number(dotted ?? indexed)]?.text ?? whole;
    });
    // A word that was one placeholder keeps the quotes of what stands for it.
    const same = token.quote === "" && text !== token.text ? args.find((arg) => arg.text === text) : undefined;
    return [{ ...token, text, quote: same?.quote ?? token.quote }];
  });
}

function several(token: Token, args: readonly Token[], from: string = "", to: string = ""): readonly Token[] {
  const chosen = args.slice(from === "" ? 0 : Number(from), to === "" ? undefined : Number(to));
  return chosen.map(({ text, quote }, index) => ({ ...token, text, quote, first: token.first && index === 0 }));
}
