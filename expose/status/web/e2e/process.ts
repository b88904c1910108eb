// weir itself, for the tests in a browser.
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export class Process {
  private child: ChildProcess | null = null;
  private log = "";
  private constructor(private readonly bin: string, readonly http: number, readonly udp: number, private readonly flags: string[]) {}

  get url(): string {
    return `http://127.0.0.1:${this.http}/`;
  }

  /** start starts weir on ports of its own, with flags, and returns when it is ready. */
  static async start(bin: string, ...flags: string[]): Promise<Process> {
    const p = new Process(bin, await freePort(), await freePort(), flags);
    await p.run();
    return p;
  }

  /** run starts it, once more on the same ports. */
  async run(): Promise<void> {
    const address = `127.0.0.1:${this.udp}`;
    this.child = spawn(this.bin, [`--endpoint.listen=127.0.0.1:${this.http}`, `--ingest.udp=${address}`, `--ingest.tcp=${address}`, ...this.flags]);
    this.child.stderr?.on("data", (text) => (this.log += String(text)));
    this.child.stdout?.on("data", (text) => (this.log += String(text)));
    for (let i = 0; ; i++) {
      const response = await fetch(this.url + "-/ready").catch(() => null);
      await response?.text();
      if (response?.ok) return;
      if (i > 200 || this.child.exitCode !== null) throw new Error("weir does not start:\n" + this.log);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** send sends lines in datagrams that are not too large, and not too many at a time. */
  async send(lines: string[]): Promise<void> {
    const socket = createSocket("udp4");
    const most = 200;
    for (let i = 0; i < lines.length; i += most) {
      const text = lines.slice(i, i + most).join("\n");
      await new Promise<void>((resolve, reject) => socket.send(text, this.udp, "127.0.0.1", (error) => (error ? reject(error) : resolve())));
      if ((i / most) % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.close();
  }
}
