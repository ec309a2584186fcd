/** A bad connection: between a browser and the site. */

import http from "node:http";

/**
 * Start a proxy in front of BASE.
 * @param {string} base
 * @param {(url: string, number: number) => undefined | "drop" | {delay?: number, status?: number,
 *   headers?: object, body?: string}} decide what happens to a request, which are counted from 1
 */
export async function startProxy(base, decide = () => undefined) {
  const sockets = new Set();
  let number = 0;
  const server = http.createServer(async (request, response) => {
    number += 1;
    const fate = decide(request.url, number);
    if (fate === "drop") {
      request.socket.destroy();
      return;
    }
    if (fate?.delay) {
      await new Promise((resolve) => setTimeout(resolve, fate.delay).unref());
    }
    if (fate?.status) {
      response.writeHead(fate.status, fate.headers).end(fate.body ?? "");
    } else {
      pass(new URL(request.url, base), request, response);
    }
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, 0);
  const { port } = server.address();
  const stop = () => new Promise((resolve) => {
    server.close(resolve);
    sockets.forEach((socket) => socket.destroy());
  });
  return { url: `http://127.0.0.1:${port}`, stop, resume: () => listen(server, port) };
}

function listen(server, port) {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

function pass(url, request, response) {
  const asked = http.request(url, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on("error", () => response.destroy());
  response.on("close", () => asked.destroy());
  request.pipe(asked);
}
