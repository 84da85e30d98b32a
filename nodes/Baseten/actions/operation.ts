import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type {
  AnswerHead,
  BasetenRequest,
  BasetenResponse,
  BasetenStream,
} from '../../shared/http/client';
import type { Connection } from '../../shared/connection/connection';

/** One item on its way through an operation. */
export interface ItemCall {
  context: IExecuteFunctions;
  itemIndex: number;
  connection: Connection;
  /** Sends with the item's timeout and retries; stopped with the execution. */
  send(request: BasetenRequest): Promise<BasetenResponse>;
  /** Like `send`, for an answer that is used while it comes; `isStreamed` tells by its head which one is. */
  stream(
    request: BasetenRequest,
    isStreamed: (head: AnswerHead) => boolean,
  ): Promise<BasetenStream>;
  /** Aborts when the execution is cancelled or another item fails. */
  signal: AbortSignal;
}

/** What an item asks for in a request that other items can share. */
export interface Share {
  text: string;
  url: string;
  /** What is called, for messages. */
  subject: string;
  /** What the request says besides the texts. */
  fields: Record<string, unknown>;
  /** The most items in one request. */
  batchSize: number;
}

/** One request with the texts of many items; everything but the text is the same for all of them. */
interface PackedCall extends Omit<Share, 'text'> {
  texts: string[];
  /** Which item each text is of. */
  itemIndexes: number[];
  /** Sends with the items' timeout and retries; stopped with the execution. */
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

interface Words {
  /** Name on screen, in Title Case. */
  name: string;
  /** Name that workflows are saved with. */
  value: string;
  /** What the node panel lists, in sentence case. */
  action: string;
  description: string;
  /** Parameters that are this operation's own; `options` of every operation are added to its collection. */
  properties: INodeProperties[];
}

/** An operation that works on items one by one. */
export interface ItemOperation extends Words {
  /** Whether its answers go out with the workflow's streamed response; items then run one after the other. */
  streams?(context: IExecuteFunctions): boolean;
  /** Whether its slow requests may be sent twice, where the user sets that. */
  mayHedge?: boolean;
  execute(call: ItemCall): Promise<INodeExecutionData[]>;
}

/** An operation that sends the texts of many items in one request. */
export interface PackedOperation extends Words {
  /** Reads an item. Items that differ in their text alone share requests. */
  read(item: Pick<ItemCall, 'context' | 'itemIndex' | 'connection'>): Share;
  /** Sends one request. @returns an item for each text, in their order */
  executePacked(call: PackedCall): Promise<INodeExecutionData[]>;
}

/** An operation of the Baseten node: what it asks for and what it does. */
export type Operation = ItemOperation | PackedOperation;

/** What operations are about: a model, a chain, an async request. */
export interface Resource {
  name: string;
  value: string;
  /** The operation that is chosen at first. */
  initial: string;
  operations: Operation[];
}
