import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientStream } from "#model/body.ts";
import { refuse } from "#model/decision.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import { grpcContentType, grpcMessage, grpcStatus } from "./grpc.ts";
import { renderRefusal } from "./problem.ts";

describe("grpc", () => {
  it("is told by the content type", () => {
    const typeOf = (value: string): string | null => grpcContentType(new HeaderList(["Content-Type", value]));
    for (const type of [
      "application/grpc",
      "application/grpc+proto",
      "application/grpc-web",
      "Application/gRPC+json",
    ]) {
      assert.equal(typeOf(type), type);
    }
    assert.equal(typeOf("application/grpc; charset=utf-8"), "application/grpc");
    for (const type of ["application/json", "application/grpcx", "application/grpc+", "text/application/grpc"]) {
      assert.equal(typeOf(type), null);
    }
    assert.equal(grpcContentType(new HeaderList()), null);
  });

  it("has a status for every reason, and says who, what and how often apart", () => {
    for (const reason of Object.keys(reasons) as ReasonCode[]) {
      const status = grpcStatus(reason);
      assert.ok(status >= 1 && status <= 16 && status !== 2, reason);
    }
    assert.equal(grpcStatus("token-expired"), 16);
    assert.equal(grpcStatus("access-denied"), 7);
    assert.equal(grpcStatus("rate-limit-exceeded"), 8);
    assert.equal(grpcStatus("quota-exceeded"), 8);
    assert.equal(grpcStatus("upstream-connect-failed"), 14);
    assert.equal(grpcStatus("upstream-timeout"), 4);
  });

  it("is no answer to a proxy that asks: 200 would be leave", () => {
    const facts = { headers: new HeaderList(["Content-Type", "application/grpc"]), id: "0", host: "h" };
    const made = new Exchange(facts as unknown as RequestFacts, {} as unknown as ClientStream);
    assert.equal(renderRefusal(made, refuse("access-denied")).status, 200);
    made.question = { asker: "127.0.0.1", granted: false };
    assert.equal(renderRefusal(made, refuse("access-denied")).status, 403);
  });

  it("escapes what a field cannot carry", () => {
    assert.equal(grpcMessage("100% of ä\r\n"), "100%25 of %C3%A4%0D%0A");
  });
});
