import { shorten, visible } from "../text.ts";

interface Sent { sender?: string; program?: string; pid?: number }

/** who names a sender: its program and process where they are known, and its address. */
export function who(s: Sent, isShort = false): string {
  const program = s.program ? visible(shorten(s.program, 40)) : "";
  const pid = s.pid ? `pid ${s.pid}` : "";
  const sender = s.sender && s.sender !== pid ? visible(shorten(s.sender, 60)) : "";
  const name = [program, pid && (program ? `(${pid})` : pid)].filter(Boolean).join(" ");
  if (isShort && name) return name;
  return [name, sender].filter(Boolean).join(" · ") || "unknown";
}
