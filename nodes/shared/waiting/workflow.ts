// Decisions: docs/decisions.md, "A sub-execution waits for the result".

import type { IDataObject, INode, IWorkflowBase } from 'n8n-workflow';

/** Name of the node that runs the steps, without the name of its package. */
export const WAIT_NODE = 'basetenWait';

/** Steps of the waiting sub-workflow; each is a Baseten Wait node that is set to it. */
export type WaitStep = 'submit' | 'wait' | 'settle';

/**
 * Outputs of the step "settle", in the order of the node's: the result is there, keep waiting for
 * it, or submit the input again.
 */
export const SETTLE_OUTPUTS = ['settled', 'keepWaiting', 'submitAgain'] as const;

/** What the step "settle" decides. */
export type SettleOutput = (typeof SETTLE_OUTPUTS)[number];

/** Names of the nodes in the sub-workflow. */
const NAMES: Record<WaitStep, string> = { submit: 'Submit', wait: 'Wait', settle: 'Settle' };

/** The step that follows each output of "settle"; after "settled" the sub-workflow ends. */
const AFTER_SETTLING: Record<SettleOutput, WaitStep[]> = {
  settled: [],
  keepWaiting: ['wait'],
  submitAgain: ['submit'],
};

/**
 * The sub-workflow that submits a job and waits for its result: Submit → Wait → Settle, and from
 * there back to Wait or to Submit until the result is there. It is started with one `WaitJob`.
 * @param caller the Baseten node that waits; its package and its credential are used
 */
export function waitingWorkflow({
  type,
  credentials,
}: Pick<INode, 'type' | 'credentials'>): IWorkflowBase {
  const step = (name: WaitStep, position: number, parameters: IDataObject) => ({
    id: name,
    name: NAMES[name],
    type: `${type.slice(0, type.lastIndexOf('.') + 1)}${WAIT_NODE}`,
    typeVersion: 1,
    position: [position, 0] as [number, number],
    webhookId: `baseten-${name}`,
    credentials,
    parameters: { step: name, ...parameters } as INode['parameters'],
  });
  const to = (name: WaitStep) => ({ node: NAMES[name], type: 'main' as const, index: 0 });
  return {
    id: undefined as unknown as string,
    name: 'Baseten: Wait for Result',
    active: false,
    isArchived: false,
    activeVersionId: null,
    createdAt: new Date(),
    updatedAt: new Date(),
    settings: { executionOrder: 'v1' },
    nodes: [
      {
        id: 'start',
        name: 'Start',
        type: 'n8n-nodes-base.executeWorkflowTrigger',
        typeVersion: 1,
        position: [0, 0],
        parameters: {},
      },
      step('submit', 200, {}),
      step('wait', 400, { requestId: '={{ $json.requestId }}' }),
      step('settle', 600, { job: '={{ $("Start").first().json }}' }),
    ],
    connections: {
      Start: { main: [[to('submit')]] },
      [NAMES.submit]: { main: [[to('wait')]] },
      [NAMES.wait]: { main: [[to('settle')]] },
      [NAMES.settle]: { main: SETTLE_OUTPUTS.map((output) => AFTER_SETTLING[output].map(to)) },
    },
  };
}
