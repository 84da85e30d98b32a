import { setTimeout as pause } from 'node:timers/promises';
import { readExample } from '../../host/demo/examples';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { json, MODEL_IDS } from '../../emulator';
import type { QueueWithEmulator } from './queueWithEmulator';

/** Rows that one run of the example's first part puts into its table. */
export const ROWS = 250;
/** Seconds after which a row is overdue for the example's fourth part. */
const OVERDUE = 60;
const POLL_MS = 100;

/** How a batch ended. */
export interface Tally {
  /** Rows of the batch. */
  sent: number;
  /** Rows that became done exactly once, with the label of their own text. */
  once: number;
  lost: number;
  twice: number;
  /**
   * Submissions beyond the first one of a row: of results that were lost, or were believed to be
   * lost.
   */
  again: number;
  /** From the first request at the model until now. */
  seconds: number;
}

/**
 * The example with schedules that run every few seconds and with more rows. The database itself
 * watches the data table: it notes in the same transaction when a row ends.
 */
export class Batch {
  private table = '';
  private firstRow = 0;
  private firstCall = 0;
  private calls: number[] = [];
  private workflow = '';

  constructor(private readonly setup: QueueWithEmulator) {}

  /**
   * Imports the workflow, fills its table once, so that the table is there, and lets the database
   * watch it.
   */
  async open(): Promise<void> {
    this.workflow = await this.setup.add(hurried());
    await this.fill(1);
    const { sql } = this.setup.queue;
    const { rows } = await sql.query(`SELECT id FROM data_table WHERE name = 'baseten_batch'`);
    this.table = `"data_table_user_${rows[0].id}"`;
    await sql.query(`
      CREATE TABLE ended (row_id int, request_id text);
      CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO ended VALUES (NEW.id, NEW.request_id); RETURN NULL; END';
      CREATE TRIGGER note_end AFTER UPDATE ON ${this.table} FOR EACH ROW
        WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('done', 'failed'))
        EXECUTE FUNCTION note_end()`);
  }

  /** Publishes the workflow, so that its schedules run. */
  async publish(): Promise<void> {
    await this.setup.queue.main.api.publish(this.workflow);
  }

  /** Puts `times` × `ROWS` more rows into the table. */
  async fill(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const run = await this.setup.queue.main.api.runAndWait(this.workflow, '1 Fill the Table');
      if (run.error) throw new Error(run.error);
    }
  }

  /**
   * Lets the model respond.
   * @param sideBySide how many requests it works on at once, for 200 ms each
   */
  respond(sideBySide: number): void {
    this.setup.emulator.addModel({
      kind: 'model',
      id: MODEL_IDS.sentiment,
      name: 'Sentiment',
      asyncConcurrency: sideBySide,
      handler: async (call) => {
        this.calls.push(Date.now());
        await call.clock.sleep(200);
        return json({ label: `label of ${(call.json() as { text: string }).text}` });
      },
    });
  }

  /** Begins a new batch: `tally` counts only what comes from here on. */
  async begin(): Promise<void> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT coalesce(max(row_id), 0) AS last FROM ended`,
    );
    this.firstRow = rows[0].last + 1;
    this.firstCall = this.calls.length;
  }

  /** Waits until this part of the batch's rows is done. @throws {Error} after `withinMs` */
  async reaches(part: number, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { sent, done } = await this.count();
      if (sent > 0 && done >= sent * part) return;
      if (Date.now() > deadline) {
        throw new Error(
          `${done} of ${sent} rows were done after ${withinMs / 1000} s. ` +
            `The others: ${await this.unfinished()}.`,
        );
      }
      await pause(POLL_MS);
    }
  }

  /** How the batch has ended. */
  async tally(): Promise<Tally> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT r.status = 'done' AND r.label = 'label of ' || r.text AS right,
         count(e.row_id)::int AS ends
       FROM ${this.table} r LEFT JOIN ended e ON e.row_id = r.id
       WHERE r.id >= $1 GROUP BY r.id`,
      [this.firstRow],
    );
    const calls = this.calls.slice(this.firstCall);
    return {
      sent: rows.length,
      once: rows.filter(({ right, ends }) => right && ends === 1).length,
      lost: rows.filter(({ ends }) => ends === 0).length,
      twice: rows.filter(({ ends }) => ends > 1).length,
      again: calls.length - rows.length,
      seconds: (Date.now() - (calls[0] ?? Date.now())) / 1000,
    };
  }

  /** For a message: how far the rows are that aren't done. */
  private async unfinished(): Promise<string> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT request_id,
         status || CASE WHEN request_id = '' THEN ', no request noted' ELSE '' END AS state
       FROM ${this.table} WHERE id >= $1 AND status <> 'done'`,
      [this.firstRow],
    );
    const { deliveries } = this.setup.emulator;
    const states = new Map<string, number>();
    for (const { request_id, state } of rows) {
      const attempts = deliveries
        .filter(({ requestId }) => requestId === request_id)
        .map(({ status }) => status ?? 'no response');
      const text = `${state}, delivered: ${attempts.join(' and ') || 'not'}`;
      states.set(text, (states.get(text) ?? 0) + 1);
    }
    return [...states].map(([state, count]) => `${count} ${state}`).join('; ');
  }

  private async count(): Promise<{ sent: number; done: number }> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT count(*)::int AS sent, count(*) FILTER (WHERE status = 'done')::int AS done
       FROM ${this.table} WHERE id >= $1`,
      [this.firstRow],
    );
    return rows[0];
  }
}

function hurried(): WorkflowJson {
  const replacements: Array<[string | RegExp, string]> = [
    ['{"field":"minutes","minutesInterval":1}', '{"field":"seconds","secondsInterval":10}'],
    ['{"field":"minutes","minutesInterval":5}', '{"field":"seconds","secondsInterval":20}'],
    ['$now.minus({ minutes: 5 })', `$now.minus({ seconds: ${OVERDUE} })`],
    [/"jsCode":"(?:[^"\\]|\\.)*"/, `"jsCode":${JSON.stringify(rowsCode())}`],
  ];
  let text = JSON.stringify(readExample({ file: 'reliable-batch.json' }));
  for (const [from, to] of replacements) {
    const changed = text.replace(from, () => to);
    if (changed === text) throw new Error(`The example has no ${String(from)} any more.`);
    text = changed;
  }
  return JSON.parse(text) as WorkflowJson;
}

const rowsCode = () =>
  `return Array.from({ length: ${ROWS} }, (_, n) => ` +
  '({ json: { text: $execution.id + "-" + n, status: "new" } }));';
