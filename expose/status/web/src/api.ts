// Requests to /api/v1. Addresses are relative to the page, so that it works below any path of a proxy.

export type Problem = "unreachable" | "locked" | "forbidden" | "slow" | "failed";

export class ApiError extends Error {
  constructor(
    readonly kind: Problem,
    message: string,
    readonly status = 0,
    readonly retryAfter?: number, // seconds
  ) {
    super(message);
  }
}

const tokenKey = "weir.token";

/** token is kept for this tab only, and ends with it. */
export const token = {
  get: (): string => sessionStorage.getItem(tokenKey) ?? "",
  set: (value: string): void => sessionStorage.setItem(tokenKey, value),
  clear: (): void => sessionStorage.removeItem(tokenKey),
};

export type Params = Record<string, string | number | boolean | null | undefined>;

/** address builds the address of a call; parameters that are empty are left out. */
export function address(base: string, path: string, params: Params = {}): string {
  const url = new URL("api/v1/" + path, base);
  url.hash = "";
  url.search = "";
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "" || value === false) continue;
    url.searchParams.set(key, value === true ? "1" : String(value));
  }
  return url.href;
}

interface Envelope {
  status?: string;
  data?: unknown;
  error?: string;
  errorType?: string;
}

/** readAnswer turns a response into its data, or throws an ApiError that says what happened. */
export async function readAnswer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: Envelope | null = null;
  try {
    body = JSON.parse(text) as Envelope;
  } catch {
    // a proxy, or one of weir's own short texts
  }
  if (response.ok && body?.status === "success") return body.data as T;
  const message = body?.error ?? text.trim().slice(0, 500);
  throw problemOf(response.status, message, body !== null, response.headers.get("Retry-After"));
}

/** problemOf tells what an answer that is no success means for the page. */
export function problemOf(status: number, message: string, isOwn: boolean, retryAfter: string | null): ApiError {
  const wait = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  if (status === 401) return new ApiError("locked", message || "a token is needed", status);
  if (status === 403) return new ApiError("forbidden", message || "weir refuses to show this", status);
  if (status === 429) return new ApiError("slow", message || "too many requests", status, wait);
  if (status === 502 || status === 504 || (status === 503 && !isOwn)) {
    return new ApiError("unreachable", "weir does not answer", status, wait);
  }
  if (status >= 200 && status < 300) return new ApiError("failed", "the answer is not weir's: is a proxy in between?", status);
  return new ApiError("failed", message || `weir answered with status ${status}`, status, wait);
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  if (token.get()) headers.set("Authorization", "Bearer " + token.get());
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers, cache: "no-store", credentials: "same-origin" });
  } catch (cause) {
    throw new ApiError("unreachable", cause instanceof Error ? cause.message : "weir does not answer");
  }
  try {
    return await readAnswer<T>(response);
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError("unreachable", "the answer broke off"); // while its body came
  }
}

export function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return send<T>(address(document.baseURI, path, params), { signal: signal ?? null });
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return send<T>(address(document.baseURI, path), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}
