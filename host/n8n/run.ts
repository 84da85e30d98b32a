/** An item that a node gave. */
export interface RunItem {
  json: Record<string, unknown>;
  binary?: Record<
    string,
    { id?: string; data: string; mimeType: string; fileName?: string; fileSize?: string }
  >;
  pairedItem?: { item: number } | Array<{ item: number }> | number;
}

/** One run of a node in an execution, as n8n stores it. */
interface NodeRun {
  startTime: number;
  executionTime: number;
  executionStatus?: string;
  error?: NodeFailure;
  data?: Record<string, Array<RunItem[] | null> | undefined>;
}

interface NodeFailure {
  message: string;
  description?: string | null;
  node?: { name: string };
}

interface ExecutionData {
  resultData: {
    runData: Record<string, NodeRun[]>;
    error?: NodeFailure;
    lastNodeExecuted?: string;
  };
}

interface RunParts {
  id: string;
  status: string;
  ms: number;
  raw: string;
  data: unknown;
  readFile: (id: string) => Promise<Buffer>;
}

/** An execution that has ended: what each node gave, how long it took, what went wrong. */
export class Run {
  readonly id: string;
  readonly status: string;
  /** From n8n's own start to its end of the execution. */
  readonly ms: number;
  /** The execution data as n8n stores it. */
  readonly raw: string;
  private readonly result: ExecutionData['resultData'];
  private readonly readFile: (id: string) => Promise<Buffer>;

  constructor({ id, status, ms, raw, data, readFile }: RunParts) {
    this.id = id;
    this.status = status;
    this.ms = ms;
    this.raw = raw;
    this.result = (data as ExecutionData).resultData;
    this.readFile = readFile;
  }

  /** What made it fail, in the words a person sees. Undefined if it succeeded. */
  get error(): string | undefined {
    if (this.status === 'success') return undefined;
    const { error, lastNodeExecuted } = this.result;
    if (!error) return `the execution ended as "${this.status}"`;
    const where = error.node?.name ?? lastNodeExecuted;
    return [where && `${where}:`, error.message, error.description && `(${error.description})`]
      .filter(Boolean)
      .join(' ');
  }

  get nodeNames(): string[] {
    return Object.keys(this.result.runData);
  }

  /** How often a node ran: more than once inside a loop. */
  timesRun(nodeName: string): number {
    return this.result.runData[nodeName]?.length ?? 0;
  }

  /** Milliseconds the node's runs took together. */
  nodeMs(nodeName: string): number {
    return (this.result.runData[nodeName] ?? []).reduce(
      (sum, { executionTime }) => sum + executionTime,
      0,
    );
  }

  /**
   * What a node gave in its last run, on one output.
   * @throws {Error} if it never ran, with the reason if that is known
   */
  items(nodeName: string, output = 0): RunItem[] {
    const last = this.result.runData[nodeName]?.at(-1);
    if (!last) throw new Error(this.error ?? `"${nodeName}" did not run`);
    return last.data?.main?.[output] ?? [];
  }

  /**
   * What a sub-node gave in each of its runs.
   * @param connection how it is connected, such as `ai_languageModel`
   */
  subNodeItems(nodeName: string, connection: string): RunItem[] {
    const runs = this.result.runData[nodeName] ?? [];
    return runs.flatMap(({ data }) => data?.[connection]?.[0] ?? []);
  }

  /** Why the runs of a node failed. */
  errorsOf(nodeName: string): Array<{ message: string; description?: string | null }> {
    const runs = this.result.runData[nodeName] ?? [];
    return runs.flatMap(({ error }) => (error ? [error] : []));
  }

  /** The items of the node that ran last. @throws {Error} if the execution failed */
  get lastItems(): RunItem[] {
    if (this.error || !this.result.lastNodeExecuted) throw new Error(this.error ?? 'nothing ran');
    return this.items(this.result.lastNodeExecuted);
  }

  /**
   * The bytes of an item's file, wherever n8n keeps them.
   * @throws {Error} if there is no such file
   */
  async file(item: RunItem, property = 'data'): Promise<Buffer> {
    const file = item.binary?.[property];
    if (!file) throw new Error(`the item has no file "${property}"`);
    return file.id ? await this.readFile(file.id) : Buffer.from(file.data, 'base64');
  }
}

/**
 * Reads n8n's stored execution data: a JSON array of parts, in which a string inside an object or
 * array is the index of the part that stands there (the `flatted` format).
 */
export function unflatten(text: string): unknown {
  const parts = JSON.parse(text) as unknown[];
  const made = new Map<number, unknown>();
  const at = (index: number): unknown => {
    const part = parts[index];
    if (typeof part !== 'object' || part === null) return part;
    if (made.has(index)) return made.get(index);
    const copy: Record<string, unknown> | unknown[] = Array.isArray(part) ? [] : {};
    made.set(index, copy);
    for (const [key, value] of Object.entries(part)) {
      (copy as Record<string, unknown>)[key] =
        typeof value === 'string' ? at(Number(value)) : value;
    }
    return copy;
  };
  return at(0);
}
