// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IDataObject, INode, IWorkflowBase } from 'n8n-workflow';

/** Name of the node that runs the steps, without the name of its package. */
export const WAIT_NODE = 'basetenWait';

/** Steps of the keeper's workflow; each is a Baseten Wait node that is set to it. */
export type WaitStep = 'sleep' | 'work';

/**
 * Outputs of the steps, in the order of the node's. What leaves by the first one of "sleep" is what
 * n8n hands to the parent if the keeper dies; the second one tells the parent the keeper's address.
 * What leaves by the first one of "work" is the result of the wait, by the second one it goes on.
 */
export const OUTPUTS = {
  sleep: ['next', 'asleep'],
  work: ['result', 'again'],
} as const satisfies Record<WaitStep, readonly string[]>;

/** Names of the nodes in the keeper's workflow. */
export const NAMES: Record<WaitStep, string> = { sleep: 'Sleep', work: 'Work' };

/** What the step "sleep" says when it falls asleep for the first time. */
export interface Asleep {
  /** Address of the keeper. */
  keeperUrl: string;
}

/**
 * The keeper's workflow: Start → Sleep → Work, and from Work back to Sleep until the wait is over.
 * It is started with one `WaitJob`. Its own sleep is counted against no time limit.
 * @param caller the Baseten node that waits; its package and its credential are used
 * @param secret seals what the two say to each other
 */
export function keeperWorkflow(
  { type, credentials }: Pick<INode, 'type' | 'credentials'>,
  secret: string,
): IWorkflowBase {
  const step = (name: WaitStep, position: number) => ({
    id: name,
    name: NAMES[name],
    type: `${type.slice(0, type.lastIndexOf('.') + 1)}${WAIT_NODE}`,
    typeVersion: 2,
    position: [position, 0] as [number, number],
    webhookId: `baseten-${name}`,
    credentials,
    parameters: { step: name, secret } as INode['parameters'],
  });
  const to = (name: WaitStep) => [{ node: NAMES[name], type: 'main' as const, index: 0 }];
  return {
    id: undefined as unknown as string,
    name: 'Baseten: Wait for Result',
    active: false,
    isArchived: false,
    activeVersionId: null,
    createdAt: new Date(),
    updatedAt: new Date(),
    settings: { executionOrder: 'v1', executionTimeout: -1 },
    nodes: [
      {
        id: 'start',
        name: START,
        type: 'n8n-nodes-base.executeWorkflowTrigger',
        typeVersion: 1,
        position: [0, 0],
        parameters: {},
      },
      step('sleep', 200),
      step('work', 400),
    ],
    connections: {
      [START]: { main: [to('sleep')] },
      [NAMES.sleep]: { main: [to('work')] },
      [NAMES.work]: { main: [[], to('sleep')] },
    },
  };
}

const START = 'Start';

/** Reads what the keeper was started with, in any of its steps. */
export function readJob<Job>(context: {
  evaluateExpression(expression: string, itemIndex: number): unknown;
}): Job {
  return context.evaluateExpression(`{{ $("${START}").first().json }}`, 0) as IDataObject as Job;
}
