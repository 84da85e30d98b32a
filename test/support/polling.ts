import { PollContext } from 'n8n-core';
import type {
  ICredentialDataDecryptedObject,
  IDataObject,
  INodeExecutionData,
  INodeParameters,
} from 'n8n-workflow';

import { nodeContext } from '../../host/n8n/engine';
import { BasetenEventTrigger } from '../../nodes/BasetenEventTrigger/BasetenEventTrigger.node';

/** What a poll gave: its items, or why it failed. */
interface Polled {
  items: IDataObject[];
  /** Whether an execution was started. */
  started: boolean;
}

/** A trigger that polls as n8n lets it, with what n8n would keep of it in its database. */
export class PolledTrigger {
  /** n8n's database: the static data that was saved last. */
  private saved = '{}';
  private process?: { context: PollContext; staticData: IDataObject };

  constructor(
    private readonly credential: ICredentialDataDecryptedObject,
    /** A test may change them; n8n reads them at the next activation. */
    public parameters: INodeParameters,
  ) {}

  /** Publishes the workflow, or starts n8n again. n8n polls at once, and saves what is known. */
  async activate(mode: 'activate' | 'init' = 'activate'): Promise<Polled> {
    const { workflow, node, additionalData } = await nodeContext({
      parameters: { ...this.parameters },
      credential: this.credential,
      other: { type: new BasetenEventTrigger(), version: 1 },
    });
    workflow.overrideStaticData(JSON.parse(this.saved) as IDataObject);
    const context = new PollContext(workflow, node, additionalData, 'trigger', mode);
    this.process = { context, staticData: workflow.staticData };
    const polled = await this.poll();
    this.save();
    return polled;
  }

  /** Does what n8n does at each interval. n8n saves only if that starts an execution. */
  async poll(): Promise<Polled> {
    if (!this.process) throw new Error('The trigger is not active');
    const data = await new BasetenEventTrigger().poll.call(this.process.context);
    if (data === null) return { items: [], started: false };
    this.save();
    return { items: itemsOf(data), started: true };
  }

  /** What a test in the editor shows. */
  async fetchTestEvent(): Promise<IDataObject[]> {
    const { workflow, node, additionalData } = await nodeContext({
      parameters: { ...this.parameters },
      credential: this.credential,
      other: { type: new BasetenEventTrigger(), version: 1 },
    });
    const context = new PollContext(workflow, node, additionalData, 'manual', 'manual');
    const data = await new BasetenEventTrigger().poll.call(context);
    expect(workflow.staticData).toStrictEqual({});
    return itemsOf(data ?? []);
  }

  /** n8n is killed: what it did not save is gone. */
  kill(): void {
    this.process = undefined;
  }

  private save(): void {
    this.saved = JSON.stringify(this.process?.staticData ?? {});
  }
}

function itemsOf(data: INodeExecutionData[][]): IDataObject[] {
  return data.flat().map(({ json }) => json);
}
