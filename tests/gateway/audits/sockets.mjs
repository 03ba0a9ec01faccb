// graphql-ws's client, told by lines of JSON what to do: node sockets.mjs URL AUTHORIZATION [KEEP_ALIVE_MS].
// In: ["subscribe", id, query, variables], ["complete", id], ["terminate"]. Out: what the client is given, a line each.
import { createInterface } from "node:readline";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, authorization, keepAlive] = process.argv.slice(2);
const say = (...event) => console.log(JSON.stringify(event));
const subscribed = new Map();

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
  keepAlive: Number(keepAlive ?? 0),
  retryWait: () => Promise.resolve(),
  on: {
    connected: (_socket, _payload, again) => say("connected", again),
    closed: (event) => say("closed", event.code, event.reason),
    pong: (received) => say("pong", received),
  },
});

const tell = {
  subscribe: (id, query, variables = {}) => {
    // When the client connects again it sends what it was given, so that what it is to go on from is kept in there.
    const payload = { query, variables };
    const sink = {
      next: (result) => {
        const cursor = result.data?.homeFeedUpdates?.cursor;
        if (cursor) variables.after = cursor;
        say("next", id, result);
      },
      error: (error) => say("error", id, error.code ?? error),
      complete: () => say("complete", id),
    };
    subscribed.set(id, client.subscribe(payload, sink));
  },
  complete: (id) => subscribed.get(id)(),
  terminate: () => client.terminate(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...how] = JSON.parse(line);
  tell[what](...how);
}
await client.dispose();
