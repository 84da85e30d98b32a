import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { BasetenRequest, BasetenResponse } from '../../shared/client';
import type { Connection } from '../../shared/connection';

/** One item on its way through an operation. */
export interface ItemCall {
  context: IExecuteFunctions;
  itemIndex: number;
  connection: Connection;
  /** Sends with the item's timeout and retries; stopped with the execution. */
  send(request: BasetenRequest): Promise<BasetenResponse>;
  /** Aborts when the execution is cancelled or another item fails. */
  signal: AbortSignal;
}

/** An operation of the Baseten node: what it asks for and what it does. */
export interface Operation {
  /** Name on screen, in Title Case. */
  name: string;
  /** Name that workflows are saved with. */
  value: string;
  /** What the node panel lists, in sentence case. */
  action: string;
  description: string;
  /** Parameters that are this operation's own; `options` of every operation are added to its collection. */
  properties: INodeProperties[];
  execute(call: ItemCall): Promise<INodeExecutionData[]>;
}

/** What operations are about: a model, a chain, an async request. */
export interface Resource {
  name: string;
  value: string;
  /** The operation that is chosen at first. */
  initial: string;
  operations: Operation[];
}
