// The answers of /api/v1, as package wire of weir writes them. Everything that a sender can write is a string here and is
// shown through text.ts only.

export type Level = "ok" | "look" | "bad";

export interface Note {
  level: Level;
  kind: string;
  title: string;
  text: string;
  family?: string;
  label?: string;
  reason?: string;
  share?: number;
  fix?: string;
  fix_kind?: "config" | "command" | "line" | "text" | "";
  section?: string;
}

export interface Ledger {
  datagrams: number;
  bytes: number;
  truncated: number;
  kernel_drops: number;
  lines: number;
  samples: number;
  recorded: number;
  refused: number;
  rejected: number;
  dropped: number;
  folded: number;
  balances: boolean;
}

export type Points = Record<string, number[]>;

export interface History {
  step_seconds: number;
  seq: number;
  points: Points;
}

export interface Status {
  now: number;
  instance: string;
  version: string;
  revision?: string;
  go_version?: string;
  pid?: number;
  started_at: number;
  uptime_seconds: number;
  health: { level: Level; text: string; notes: Note[] | null };
  ready: boolean;
  reload: { ok: boolean; at: number | null; error?: string } | null;
  last_scrape: { at: number; peer: string; format: string } | null;
  ledger: Ledger;
  ten_minutes: Ledger & { seconds: number };
  rates: Record<string, number>;
  peak: { lines_per_second: number; at: number | null } | null;
  history: History;
  series: {
    now: number;
    limit: number;
    families: number;
    refused_series?: number;
  };
  cost: {
    cpu: number;
    rss_bytes: number;
    memory_limit_bytes: number;
    scrape_seconds: number | null;
    pages_reused: number | null;
  };
  senders_since: number | null;
  endpoint?: { path: string; api_scope: string };
  lifecycle?: boolean;
}

export interface RuleRef {
  file: string;
  line: number;
  match: string;
}

export interface FamilySender {
  name: string;
  pid?: number;
  address?: string;
  samples_per_second: number | null;
}

export interface Family {
  name: string;
  type: string;
  kind?: string;
  help?: string;
  series: number;
  samples_per_second?: number | null;
  share?: number | null;
  last_seen_at?: number | null;
  created_at?: number | null;
  exposed_bytes?: number | null;
  new_per_minute?: number | null;
  history?: number[] | null;
  senders?: FamilySender[] | null;
  senders_more?: number;
  rule?: RuleRef | null;
  names?: string[] | null;
  limit?: number;
  refused?: number;
}

export interface Families {
  families: Family[] | null;
  total?: number;
  next?: string;
  estimated?: boolean;
  sample?: string;
}

export interface Series {
  labels: Record<string, string> | null;
  series: string;
  family?: string;
  value?: string | null;
  count?: number | null;
  sum?: string | null;
  quantiles?: Record<string, string> | null;
  last_seen_at?: number | null;
  created_at?: number | null;
  samples_per_second?: number | null;
  showing_zero?: boolean;
}

export interface FamilyDetail {
  family: Family;
  series: Series[] | null;
  next?: string;
  exposed: string;
  exposed_truncated?: boolean;
  why: string[] | null;
  promql: { title: string; query: string }[] | null;
}

export interface Label {
  name: string;
  values: number;
  families: { name: string; values: number; series: number }[] | null;
  families_total: number;
  growth_per_minute: number | null;
  growth_since?: number | null;
  newest: string[] | null;
  limit?: { kind: string; most: number; used: number } | null;
  fix?: string;
}

export interface Reject {
  seq: number;
  at: number;
  reason: string;
  offset: number;
  line: string;
  line_escaped?: boolean;
  line_truncated?: boolean;
  listener?: string;
  sender?: string;
  program?: string;
  pid?: number;
  detail?: string;
  advice?: string;
  is_new?: boolean;
  foreign?: string;
}

export interface RejectReason {
  reason: string;
  samples: number;
  per_second?: number | null;
  ten_minutes?: number | null;
  advice?: string;
  newest?: Reject | null;
}

export interface Rejects {
  reasons: RejectReason[] | null;
  rejects: Reject[] | null;
  since: number;
}

export interface TailLine {
  seq: number;
  at: number;
  line: string;
  line_escaped?: boolean;
  listener?: string;
  sender?: string;
  program?: string;
  pid?: number;
  reason?: string;
  offset?: number;
}

export interface Tail {
  lines: TailLine[] | null;
  since: number;
  skipped: number;
  seen: number;
}

export interface Sender {
  sender: string;
  program?: string;
  pid?: number;
  transport?: string;
  addresses?: number;
  lines: number;
  lines_per_second: number | null;
  samples?: number;
  rejected: number;
  refused: number;
  series_created: number;
  last_seen_at: number | null;
  reject_reasons?: Record<string, number> | null;
}

export interface Senders {
  since: number | null;
  senders: Sender[] | null;
  total?: number;
  others?: number;
}

export interface Listener {
  listener: string;
  transport: string;
  sockets: number;
  datagrams: number;
  bytes: number;
  lines: number;
  lines_per_second?: number | null;
  connections: number;
  max_connections: number;
  queued_bytes: number;
  buffer_bytes: number;
  buffer_asked_bytes: number;
  kernel_drops: number;
  truncated: number;
  rejected: number;
  advice?: string;
}

export interface Scraper {
  peer: string;
  user_agent: string;
  name?: string;
  format: string;
  encoding: string;
  scrapes: number;
  last_at: number | null;
  interval_seconds: number | null;
  duration_seconds: number | null;
  bytes: number;
  body_bytes: number;
  pages: number;
  pages_reused: number;
  late: number;
  aborted: number;
}

export interface Setting {
  key: string;
  value: string;
  default: string;
  is_default: boolean;
  source: string;
  place: string;
  secret: boolean;
}

export interface Config {
  settings: Setting[] | null;
  files: { path: string; changed: boolean; error?: string }[] | null;
  changed_on_disk: boolean;
  notes: string[] | null;
}

export interface Rule {
  file: string;
  line: number;
  match: string;
  match_type: string;
  action: string;
  name: string;
  hits: number;
  last_hit_at: number | null;
  samples_per_second?: number | null;
}

export interface Rules {
  rules: Rule[] | null;
  unmapped: { name: string; family: string; series: number }[] | null;
  unmapped_total?: number;
  total?: number;
  since?: number | null;
}

export interface ExplainAttempt extends RuleRef {
  match_type: string;
  action: string;
  reason: string;
}

export interface ExplainSample {
  kind?: string;
  name?: string;
  value?: string;
  meaning?: string;
  rate?: number;
  dialect?: string;
  tags?: { key: string; value: string | null }[];
  container?: string;
  external?: string;
  timestamp?: number;
  rule?: RuleRef & { match_type: string; action: string };
  tried?: ExplainAttempt[];
  family?: string;
  type?: string;
  series?: string;
  series_id?: string;
  changed?: string;
  legacy?: string;
  no_labels?: string[];
  bare_tags?: string[];
  exemplar?: string;
  rejected?: string;
  lost?: number;
  offset?: number | null;
  advice?: string;
}

export interface ExplainLine {
  line: string;
  samples: ExplainSample[] | null;
  fields_ignored?: number;
  rates_ignored?: number;
  hint?: string;
}
