/** A workflow as n8n exports it. */
export interface WorkflowJson {
  name: string;
  nodes: WorkflowNode[];
  connections: Record<string, unknown>;
  settings?: Record<string, unknown>;
}

/** A node of it. */
export interface WorkflowNode {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: Record<string, unknown>;
  /** An ID of null stands for the credential of that name. */
  credentials?: Record<string, { id: string | null; name: string }>;
  webhookId?: string;
  onError?: string;
  disabled?: boolean;
}

/** A node of a workflow in a row: `chainOf` gives it an ID and a position. */
export type NodeInARow = Omit<WorkflowNode, 'id' | 'position'>;

/** Triggers that a person or another workflow starts: n8n has nothing to switch on for them. */
const STARTED_BY_HAND = new Set(['manualTrigger', 'executeWorkflowTrigger', 'errorTrigger']);

/** Whether the workflow has a trigger that publishing switches on. */
export function publishable({ nodes }: Pick<WorkflowJson, 'nodes'>): boolean {
  return nodes.some(
    ({ type, disabled }) => !disabled && isTrigger(type) && !STARTED_BY_HAND.has(shortName(type)),
  );
}

/** The trigger to start from by hand: the manual one, or the first one. */
export function startingTrigger({ nodes }: Pick<WorkflowJson, 'nodes'>): WorkflowNode | undefined {
  return (
    nodes.find(({ type }) => shortName(type) === 'manualTrigger') ??
    nodes.find(({ type }) => isTrigger(type))
  );
}

/**
 * Returns the workflow with other credentials.
 * @param ids the ID of the new credential, for each type
 */
export function withCredentials(workflow: WorkflowJson, ids: Record<string, string>): WorkflowJson {
  const nodes = workflow.nodes.map((node) => {
    if (!node.credentials) return node;
    const entries = Object.entries(node.credentials);
    const credentials = entries.map(([type, ref]) => [type, { ...ref, id: ids[type] ?? ref.id }]);
    return { ...node, credentials: Object.fromEntries(credentials) };
  });
  return { ...workflow, nodes };
}

/** Returns a workflow whose nodes are connected one after the other, in the order of `nodes`. */
export function chainOf(name: string, nodes: NodeInARow[]): WorkflowJson {
  const names = nodes.map((node) => node.name);
  const next = (index: number) => [[{ node: names[index + 1], type: 'main', index: 0 }]];
  return {
    name,
    nodes: nodes.map((node, index) => ({ ...node, id: node.name, position: [index * 220, 0] })),
    connections: Object.fromEntries(
      names.slice(0, -1).map((from, index) => [from, { main: next(index) }]),
    ),
    settings: { executionOrder: 'v1' },
  };
}

function isTrigger(type: string): boolean {
  return shortName(type) === 'webhook' || type.endsWith('Trigger');
}

function shortName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
