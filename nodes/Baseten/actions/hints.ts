import type { IExecuteFunctions, INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';

/** Tells beside a run's output what a person may miss in it: results that are gone, files that stayed behind. */
export function addHints(context: IExecuteFunctions, items: INodeExecutionData[]): void {
  // Older hosts have no hints.
  const show = (hint: NodeExecutionHint) => context.addExecutionHints?.(hint);
  const lost = items.filter(({ json }) => json.resultLost === true).length;
  if (lost > 0) {
    show({
      message: `The output of ${lost} of ${items.length} requests was not delivered and can't be fetched any more: Baseten stores none. Submit ${lost === 1 ? 'it' : 'them'} again if you need it.`,
      type: 'warning',
      location: 'outputPane',
    });
  }
  const hasFiles = ({ binary }: INodeExecutionData) => Object.keys(binary ?? {}).length > 0;
  if (context.getInputData().some(hasFiles) && !items.some(hasFiles)) {
    show({
      message: 'The files of the input are not part of the output. To go on with them, put both together with a Merge node.',
      location: 'outputPane',
    });
  }
}
