import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a task returned. */
export interface TaskOutcome<Result> {
  result: Result;
  /** Milliseconds of CPU that its process used for it. */
  cpuMs: number;
}

type Reply<Result> = TaskOutcome<Result> | { error: string };

/**
 * A function of ours in a process of its own: its CPU time and its memory are those of its work
 * alone, and it does not wait for the process that measures. It takes one job at a time.
 */
export class ForkedTask<Job, Result> {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  /**
   * @param file the TypeScript file that exports the function, as an absolute path
   * @param name the name of that function, which takes a `Job` and returns a `Result`
   * @param options.nodeOptions options of Node, like `--expose-gc`
   * @param options.env variables on top of the environment of this process
   */
  constructor(
    file: string,
    private readonly name: string,
    { nodeOptions = [], env }: { nodeOptions?: string[]; env?: Record<string, string> } = {},
  ) {
    this.child = fork(__filename, [file, name], {
      execArgv: ['--import', 'tsx', ...nodeOptions],
      env: { ...process.env, ...env },
      serialization: 'advanced',
    });
    this.ended = once(this.child, 'exit');
  }

  /** The ID of its process. */
  get pid(): number {
    return this.child.pid as number;
  }

  /**
   * Runs the function once.
   * @throws {Error} if the function throws, or if its process ends first
   */
  async run(job: Job): Promise<TaskOutcome<Result>> {
    const listening = new AbortController();
    const message = once(this.child, 'message', { signal: listening.signal });
    const reply = Promise.race([message, this.ended.then(() => [undefined])]);
    this.child.send({ job });
    const [outcome] = (await reply) as [Reply<Result> | undefined];
    listening.abort();
    if (!outcome) throw new Error(`The process that runs ${this.name} has ended.`);
    if ('error' in outcome) throw new Error(`${this.name} failed: ${outcome.error}`);
    return outcome;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}

/** The other side, in the process that was forked. */
function serve(file: string, name: string): void {
  const exported = import(file) as Promise<Record<string, (job: unknown) => unknown>>;
  const run = async (job: unknown): Promise<Reply<unknown>> => {
    try {
      const task = (await exported)[name];
      if (!task) throw new Error(`${file} has no function of this name.`);
      const before = process.cpuUsage();
      const result = await task(job);
      const { user, system } = process.cpuUsage(before);
      return { result, cpuMs: (user + system) / 1000 };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  process.on(
    'message',
    ({ job }: { job: unknown }) => void run(job).then((reply) => process.send?.(reply)),
  );
  // It ends with the process that started it.
  process.on('disconnect', () => process.exit());
}

if (require.main === module) serve(...(process.argv.slice(2) as [string, string]));
