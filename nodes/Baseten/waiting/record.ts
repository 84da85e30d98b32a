// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IExecuteFunctions, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { isRecord } from '../../shared/json';
import type { ItemJob } from '../../shared/waiting/job';
import type { ItemShape } from '../../shared/waiting/outcome';

/** What a parent knows of its wait. It is saved with its execution when n8n parks it. */
export interface WaitRecord {
  /** The wait: one run of the node. */
  run: string;
  /** Seals the messages between parent and keeper, and the address that Baseten posts to. */
  secret: string;
  parentUrl: string;
  keeperUrl: string;
  /** How many items are awaited. */
  count: number;
  /** Whether an item that fails ends the wait. */
  stops: boolean;
  /** How the items look that the workflow goes on with. */
  shape: ItemShape;
  /** For each request the position of its item, if items have several. */
  positions?: number[];
  /** Of a single item: what its result is put into words with. */
  single?: Pick<ItemJob, 'owner' | 'metadata' | 'field' | 'reading' | 'item'>;
}

/** Its place in the node's context. It is text, so that expressions can read it at once. */
const PLACE = 'basetenWait';

/** Notes what the parent must know when it is parked. */
export function writeRecord(
  context: Pick<IExecuteFunctions, 'getContext'>,
  record: WaitRecord,
): void {
  context.getContext('node')[PLACE] = JSON.stringify(record);
}

/**
 * Reads what the parent noted. A webhook of n8n has no other way to its node's context than an
 * expression.
 * @returns nothing if nothing waits
 */
export function readRecord(
  context: Pick<IWebhookFunctions, 'evaluateExpression' | 'getNode'>,
): WaitRecord | undefined {
  const name = escaped(context.getNode().name);
  const text = context.evaluateExpression(`{{ $node["${name}"].context["${PLACE}"] }}`);
  if (typeof text !== 'string') return undefined;
  const record: unknown = JSON.parse(text);
  return isRecord(record) ? (record as unknown as WaitRecord) : undefined;
}

/** The items that came into the node. A webhook of n8n knows them by an expression only. */
export function readInputs(
  context: Pick<IWebhookFunctions, 'evaluateExpression'>,
): INodeExecutionData[] {
  const items = context.evaluateExpression('{{ $input.all() }}');
  return Array.isArray(items) ? (items as unknown as INodeExecutionData[]) : [];
}

/** A name as JavaScript can have it in a text, without letters that mean something to n8n. */
function escaped(name: string): string {
  return name.replace(
    /[^A-Za-z0-9 ]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
