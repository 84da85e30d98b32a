// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IDataObject, INode, IWorkflowBase } from 'n8n-workflow';

/** Name of the node that runs the steps, without the name of its package. */
export const WAIT_NODE = 'basetenWait';

/** Steps of the keeper's workflow; each is a Baseten Wait node that is set to it. */
export type WaitStep = 'sleep' | 'work';

/**
 * Outputs of the steps, in the order of the node's. What leaves by the first one of "sleep" is what
 * n8n hands to the parent if the keeper dies; the second one tells the parent the keeper's address.
 * What leaves by the first one of "work" is the result of the wait, by the second one it goes on,
 * by the third one it sleeps until it is closed.
 */
export const OUTPUTS = {
  sleep: ['next', 'asleep'],
  work: ['result', 'again', 'over'],
} as const satisfies Record<WaitStep, readonly string[]>;

/** Names of the nodes in the keeper's workflow: three that sleep, and the one that works. */
export const NAMES = { sleep: 'Sleep', work: 'Work', watch: 'Watch', last: 'Last' } as const;

/** What the step "sleep" says when it falls asleep for the first time. */
export interface Asleep {
  /** Address of the keeper. */
  keeperUrl: string;
}

/**
 * The keeper's workflow: Start → Sleep → Work → Watch, and from Watch back to Work until the wait
 * is over. When it ends, n8n hands what the last node has put out to the parent, or to whatever
 * sleeps there by then. Only a node that has slept for the first time and wakes to nothing has put
 * out nothing. So it sleeps in another node at first, and in yet another one, Last, before its end.
 * It is started with one `WaitJob`. Its own sleep is counted against no time limit.
 * @param caller the Baseten node that waits; its package and its credential are used
 * @param secret seals what the two say to each other
 */
export function keeperWorkflow(
  { type, credentials }: Pick<INode, 'type' | 'credentials'>,
  secret: string,
): IWorkflowBase {
  const node = (name: keyof typeof NAMES, step: WaitStep, position: number) => ({
    id: name,
    name: NAMES[name],
    type: `${type.slice(0, type.lastIndexOf('.') + 1)}${WAIT_NODE}`,
    typeVersion: 2,
    position: [position, 0] as [number, number],
    webhookId: `baseten-${name}`,
    credentials,
    parameters: { step, secret } as INode['parameters'],
  });
  const to = (name: keyof typeof NAMES) => [{ node: NAMES[name], type: 'main' as const, index: 0 }];
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
      node('sleep', 'sleep', 200),
      node('work', 'work', 400),
      node('watch', 'sleep', 600),
      node('last', 'sleep', 800),
    ],
    connections: {
      [START]: { main: [to('sleep')] },
      [NAMES.sleep]: { main: [to('work')] },
      [NAMES.work]: { main: [[], to('watch'), to('last')] },
      [NAMES.watch]: { main: [to('work')] },
      [NAMES.last]: { main: [to('work')] },
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
