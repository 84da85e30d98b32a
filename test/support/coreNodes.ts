import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeProperties,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';

// What n8n's own nodes do, as far as an example needs it: the tests have n8n's engine, but not its
// nodes.

/** Parameters that the nodes have together. n8n drops what a node does not name. */
const PARAMETERS: INodeProperties[] = [
  'resource',
  'operation',
  'filters',
  'columns',
  'returnAll',
  'limit',
  'orderByColumn',
  'batchSize',
  'conditions',
  'jsCode',
].map((name) => ({ displayName: name, name, type: 'json', default: '' }));

type Row = IDataObject & { id: number };
type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

function nodeType(outputs: number, execute: Execute, group: 'transform' | 'trigger' = 'transform') {
  const description: INodeTypeDescription = {
    displayName: 'Test',
    name: 'test',
    group: [group],
    version: [1, 1.1, 1.2, 2, 2.2, 3],
    description: '',
    defaults: { name: 'Test' },
    inputs: group === 'trigger' ? [] : [NodeConnectionTypes.Main],
    outputs: Array.from({ length: outputs }, () => NodeConnectionTypes.Main),
    properties: PARAMETERS,
  };
  return { description, execute } as INodeType;
}

/** A Data Table in memory. */
export class DataTable {
  constructor(readonly rows: Row[]) {}

  /** The rows with this status. */
  withStatus(status: string): Row[] {
    return this.rows.filter((row) => row.status === status);
  }

  /** The node that works on it. */
  get node(): INodeType {
    const { rows } = this;
    return nodeType(1, async function () {
      const [resource, operation] = ['resource', 'operation'].map((name) =>
        this.getNodeParameter(name, 0),
      );
      const each = this.getInputData().map((_, index) => {
        if (resource === 'table') return [{ id: 'table' }];
        const found = rows.filter((row) => matches(row, this, index));
        if (operation === 'get') return inOrder(found, this, index);
        const values = this.getNodeParameter('columns.value', index) as IDataObject;
        found.forEach((row) => Object.assign(row, values));
        return found;
      });
      return await Promise.resolve([
        each.flatMap((given, item) =>
          given.map((row) => ({ json: { ...row }, pairedItem: { item } })),
        ),
      ]);
    });
  }
}

function matches(row: Row, context: IExecuteFunctions, index: number): boolean {
  const all = context.getNodeParameter('filters.conditions', index) as IDataObject[];
  return all.every(({ keyName, condition, keyValue }) => {
    const [value, wanted] = [row[String(keyName)], keyValue].map((each) =>
      comparable(keyName, each),
    );
    if (value === undefined || wanted === undefined)
      throw new Error(`There is no ${String(keyName)}`);
    if (condition === 'eq') return value === wanted;
    if (condition === 'neq') return value !== wanted;
    if (condition === 'lt') return value < wanted;
    if (condition === 'lte') return value <= wanted;
    if (condition === 'gte') return value >= wanted;
    throw new Error(`There is no condition ${String(condition)}`);
  });
}

/** Times are written in several ways. */
function comparable(name: unknown, value: unknown): string | number | undefined {
  if (String(name).endsWith('_at')) return Date.parse(String(value));
  return value as string | number | undefined;
}

function inOrder(rows: Row[], context: IExecuteFunctions, index: number): Row[] {
  const column = String(context.getNodeParameter('orderByColumn', index));
  const place = (row: Row) => Number(comparable(column, row[column]));
  const sorted = [...rows].sort((a, b) => place(a) - place(b) || a.id - b.id);
  const all = context.getNodeParameter('returnAll', index) === true;
  return all ? sorted : sorted.slice(0, Number(context.getNodeParameter('limit', index)));
}

const loop = nodeType(2, async function () {
  const state = this.getContext('node') as { left?: INodeExecutionData[] };
  state.left ??= [...this.getInputData()];
  const next = state.left.splice(0, Number(this.getNodeParameter('batchSize', 0, 1)));
  return await Promise.resolve(next.length > 0 ? [[], next] : [this.getInputData(), []]);
});

const decision = nodeType(2, async function () {
  const outputs: INodeExecutionData[][] = [[], []];
  this.getInputData().forEach((item, index) => {
    const [condition] = this.getNodeParameter('conditions.conditions', index) as IDataObject[];
    const isTrue = Boolean(condition?.leftValue);
    outputs[isTrue ? 0 : 1]?.push({ ...item, pairedItem: { item: index } });
  });
  return await Promise.resolve(outputs);
});

const code = nodeType(1, async function () {
  const work = new Function('$input', String(this.getNodeParameter('jsCode', 0))) as (
    input: object,
  ) => INodeExecutionData[];
  return await Promise.resolve([work({ all: () => this.getInputData() })]);
});

const trigger = nodeType(1, async () => await Promise.resolve([[{ json: {} }]]), 'trigger');

/** n8n's nodes by their types. @param table what the Data Table nodes work on */
export function coreNodes(table: DataTable): Record<string, INodeType> {
  return {
    'n8n-nodes-base.dataTable': table.node,
    'n8n-nodes-base.splitInBatches': loop,
    'n8n-nodes-base.if': decision,
    'n8n-nodes-base.code': code,
    'n8n-nodes-base.scheduleTrigger': trigger,
  };
}
