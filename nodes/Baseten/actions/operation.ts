import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Connection } from '../../shared/connection/connection';
import type {
  BasetenRequest,
  BasetenResponse,
  BasetenStream,
  Client,
  ResponseHead,
} from '../../shared/http/client';
import type { RunFlow } from '../../shared/http/flow/runFlow';
import type { ReadingNotes } from '../../shared/payload/notes';
import type { ItemOptions, RunOptions } from '../../shared/parameters/options';
import type { FailedEntry } from '../../shared/run/batches';
import type { Once } from '../../shared/run/once';

/** What all items of one execution of the node share. */
export interface NodeRun {
  context: IExecuteFunctions;
  connection: Connection;
  client: Client;
  options: RunOptions;
  /** What its requests have in common. */
  flow: RunFlow;
  /** Takes what had to be changed in responses. */
  notes: ReadingNotes;
}

/** One item on its way through an operation. */
export interface ItemCall {
  context: IExecuteFunctions;
  itemIndex: number;
  connection: Connection;
  /** The item's options, read once. */
  options: ItemOptions;
  /** Takes what had to be changed in responses. */
  notes: ReadingNotes;
  /** Sends with the item's timeout and retries; stopped with the execution. */
  send(request: BasetenRequest): Promise<BasetenResponse>;
  /** Like `send`, but hands a response for which `isStreamed` says so over while it comes. */
  stream(
    request: BasetenRequest,
    isStreamed: (head: ResponseHead) => boolean,
  ): Promise<BasetenStream>;
  /**
   * Does the parts of an item that sends several requests, side by side. All items together have no
   * more of them under way than the run may have requests in flight. Once one has failed, no other
   * is begun.
   * @returns what the parts returned, in their order
   * @throws what the first one threw that failed, as soon as none is under way
   */
  sideBySide<Result>(parts: Array<() => Promise<Result>>): Promise<Result[]>;
  /** Aborts when the execution is canceled or another item fails. */
  signal: AbortSignal;
  /** Does work once a run, however many items want it. */
  once: Once;
  /**
   * Lets no further item begin if the failure of this one ends the run. It is for a failure that
   * takes some time until it is thrown.
   */
  stopStarting(): void;
}

/** What an operation reads the parameters of an item with. */
export type ItemInput = Pick<ItemCall, 'context' | 'itemIndex' | 'connection' | 'options'>;

/** What one item puts into a request that it can share with others. */
export interface BatchPart {
  text: string;
  url: string;
  /** What is called, for messages. */
  subject: string;
  /** What the request says besides the texts. */
  fields: Record<string, unknown>;
  /** The most items in one request. */
  batchSize: number;
}

/**
 * One request with the texts of many items. Everything but the text is the same for all of them.
 */
export interface BatchCall extends Omit<BatchPart, 'text' | 'batchSize'> {
  texts: string[];
  /** Which item each text belongs to. */
  itemIndexes: number[];
  connection: Connection;
  /** Sends with the items' timeout and retries; stopped with the execution. */
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

interface OperationForm {
  /** Name on screen, in Title Case. */
  name: string;
  /** Name that workflows are saved with. */
  value: string;
  /** What the node panel lists, in sentence case. */
  action: string;
  description: string;
  /** The operation's own parameters, with its `options` collection. */
  properties: INodeProperties[];
  /** Set if it calls a model's deployment, which Wake First may wake before. */
  callsDeployment?: true;
  /** Set if the incoming items pass with their fields and files, so that they stay anyway. */
  passesInputOn?: true;
}

/** An operation that works on items one by one. */
export interface ItemOperation extends OperationForm {
  /**
   * Whether its text goes out with the workflow's streamed response. Items then run one after the
   * other.
   */
  streams?(context: IExecuteFunctions): boolean;
  /** Seconds that one response may take unless the user sets that; 300 by default. */
  timeout?: number;
  /**
   * Does the operation for all items of a run at once, if that is how it is set.
   * @returns the items of the node's output; nothing if the items are to be taken one by one
   */
  executeRun?(run: NodeRun): Promise<INodeExecutionData[] | undefined>;
  /** Whether its slow requests may be sent twice, if the user sets that. */
  mayHedge?: boolean;
  /** Does the operation for one item. @returns the items that it becomes */
  execute(call: ItemCall): Promise<INodeExecutionData[]>;
  /** Has a last look at the items of a whole run. @returns what comes out */
  finish?(items: INodeExecutionData[]): INodeExecutionData[];
}

/** An operation that sends the texts of many items in one request. */
export interface BatchOperation extends OperationForm {
  /** Reads an item. Items that differ in their text alone share requests. */
  readPart(item: ItemInput): BatchPart;
  /** Sends one request. @returns for each text, in their order, an item or why there is none */
  executeBatch(call: BatchCall): Promise<Array<INodeExecutionData | FailedEntry>>;
}

/** An operation of the Baseten node: what it asks for and what it does. */
export type Operation = ItemOperation | BatchOperation;

/** What operations are about: a model, a chain, an async request. */
export interface Resource {
  name: string;
  value: string;
  /** The operation that is chosen at first. */
  initial: string;
  operations: Operation[];
}
