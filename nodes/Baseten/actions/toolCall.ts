import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

/** Whether an agent calls the node as its tool. */
export function isToolCall(
  context: Pick<IExecuteFunctions, 'getNode' | 'isToolExecution'>,
): boolean {
  return context.getNode().type.endsWith('Tool') || context.isToolExecution?.() === true;
}

/**
 * Tells an agent of the files that its tool has made. n8n gives an agent the JSON of a tool's items
 * alone, so an item that is only a file would say nothing to it, or even count as an error.
 * @returns the items, in whose JSON stand the name, the type and the size of their files
 */
export function withFilesTold(items: INodeExecutionData[]): INodeExecutionData[] {
  return items.map((item) => {
    const files = Object.values(item.binary ?? {}).map(told);
    if (files.length === 0) return item;
    // What the model itself has answered stays as it is.
    return { ...item, json: { ...(files.length === 1 ? files[0] : { files }), ...item.json } };
  });
}

function told({ fileName, mimeType, bytes }: IBinaryData): IDataObject {
  return { file: fileName, mimeType, bytes };
}
