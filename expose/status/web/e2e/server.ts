// A server that answers as weir does, with the documents that package web writes and the data of data.ts.
import { readFileSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as data from "./data.ts";

export interface Options {
  token?: string; // asked for
  forbidden?: string; // the text of a 403
  families?: number;
  base?: string; // of a proxy: /monitoring/weir
  shell?: string; // a golden document in testdata
  quiet?: boolean; // nothing was ever sent
  tame?: boolean; // no name is hostile
}

const root = process.cwd() + "/";
const read = (name: string) => readFileSync(root + name, "utf8");

export class Weir {
  requests: string[] = [];
  busy = 0; // how many requests are still answered with 429
  private server: Server | null = null;
  private port = 0;
  private startedAt = data.at;
  private steps = 0;
  private readonly families: ReturnType<typeof data.families>;

  constructor(private readonly options: Options = {}) {
    const all = data.families(options.families ?? 62);
    this.families = options.tame ? all.filter((f) => /^[a-z_0-9]+$/.test(f.name) || f.name.startsWith("service")) : all;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.options.base ?? ""}/`;
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((done) => this.server!.listen(this.port, "127.0.0.1", done));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  }

  /** restart is another process on the same port. */
  async restart(): Promise<void> {
    this.startedAt += 1000;
    this.steps = 0;
    await this.start();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://weir.test");
    const base = this.options.base ?? "";
    const path = url.pathname.startsWith(base + "/") ? url.pathname.slice(base.length) : "";
    this.requests.push(path + url.search);
    response.setHeader("Content-Security-Policy", read("policy.txt").trim());
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (path === "/") return reply(response, 200, "text/html; charset=utf-8", read(`testdata/${this.options.shell ?? "shell"}.html`));
    const asset = /^\/assets\/app\.HASH\.(js|css)$/.exec(path);
    if (asset) return reply(response, 200, asset[1] === "js" ? "text/javascript" : "text/css", read(`dist/app.${asset[1]}`));
    if (!path.startsWith("/api/v1/")) return reply(response, 404, "text/plain", "not found\n");
    if (this.options.token && request.headers.authorization !== `Bearer ${this.options.token}`) {
      response.setHeader("WWW-Authenticate", "Bearer");
      return reply(response, 401, "text/plain", "a bearer token is needed\n");
    }
    if (this.options.forbidden) return problem(response, 403, "forbidden", this.options.forbidden);
    if (this.busy > 0) {
      this.busy--;
      response.setHeader("Retry-After", "1");
      return problem(response, 429, "too_many_requests", "too many requests");
    }
    this.api(path.slice("/api/v1/".length), url.searchParams, request, response);
  }

  private api(call: string, q: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const ok = (value: unknown) => reply(response, 200, "application/json", JSON.stringify({ status: "success", data: value }));
    const isQuiet = this.options.quiet === true;
    switch (call) {
      case "status": return ok(isQuiet ? quiet() : data.status(200 + this.steps++, this.startedAt, q.has("since") ? Number(q.get("since")) : undefined));
      case "families": return ok(isQuiet ? { families: [], total: 0 } : data.page(this.families, q));
      case "labels": return ok({ labels: isQuiet ? null : data.labels, total: isQuiet ? 0 : data.labels.length });
      case "rejects": return ok(isQuiet ? { reasons: [], rejects: [], since: 0 } : data.rejects(q));
      case "senders": return ok(isQuiet ? { since: null, senders: [] } : data.senders);
      case "listeners": return ok({ listeners: data.listeners });
      case "scrapers": return ok({ scrapers: isQuiet ? [] : data.scrapers, pushes: [] });
      case "config": return ok(data.config);
      case "rules": return ok(isQuiet ? { rules: [], unmapped: [] } : data.rules);
      case "tail": {
        const lines = data.tail(Number(q.get("since") ?? 0), q);
        setTimeout(() => ok(lines), 100);
        return;
      }
      case "explain": {
        let body = "";
        request.on("data", (chunk) => (body += String(chunk)));
        request.on("end", () => ok({ lines: data.explain((JSON.parse(body) as { line: string }).line) }));
        return;
      }
    }
    const name = /^families\/(.+)$/.exec(call)?.[1];
    const f = name && this.families.find((x) => x.name === decodeURIComponent(name));
    if (f) return ok(data.detail(f, q));
    problem(response, 404, "not_found", "there is no such metric");
  }
}

function quiet() {
  const s = data.status(1, data.at);
  const none = { ...s.ten_minutes, datagrams: 0, lines: 0, samples: 0, recorded: 0, refused: 0, rejected: 0, bytes: 0 };
  const points = Object.fromEntries(Object.keys(s.history.points).map((k) => [k, [0]]));
  return { ...s, health: { level: "ok", text: "no line came yet", notes: [] }, ledger: none, ten_minutes: none, rates: {}, peak: null, last_scrape: null, reload: null, uptime_seconds: 4, series: { now: 0, limit: 0, families: 0 }, history: { step_seconds: 5, seq: 1, points }, cost: { cpu: 0.0001, rss_bytes: 18 << 20, memory_limit_bytes: 0, scrape_seconds: null, pages_reused: null } };
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
}

function problem(response: ServerResponse, status: number, errorType: string, error: string): void {
  reply(response, status, "application/json", JSON.stringify({ status: "error", errorType, error }));
}
