import { WorkflowExecute, type ExecutionLifecycleHooks } from 'n8n-core';
import {
  createRunExecutionData,
  type IRun,
  type StructuredChunk,
  type WorkflowExecuteMode,
} from 'n8n-workflow';

import { nodeContext, type NodeRun } from '../../host/n8n/engine';

/** How the node is run. */
export interface StreamingRun extends NodeRun {
  mode?: WorkflowExecuteMode;
  /** Is called with each chunk, and with a function that stops the execution. */
  onChunk?: (chunk: StructuredChunk, cancel: () => void) => void;
}

/**
 * Runs the Baseten node in a workflow that streams its response, as a webhook starts it that is set
 * to do so.
 */
export async function runStreaming({ mode = 'webhook', onChunk, ...settings }: StreamingRun) {
  const { workflow, start, additionalData } = await nodeContext(settings);
  const chunks: StructuredChunk[] = [];
  (additionalData.hooks as ExecutionLifecycleHooks).addHandler('sendChunk', async (chunk) => {
    chunks.push(chunk);
    onChunk?.(chunk, () => execution.cancel());
  });
  const input = { main: [[{ json: {} }]] };
  const runData = createRunExecutionData({
    executionData: { nodeExecutionStack: [{ node: start, data: input, source: null }] },
  });
  const execute = new WorkflowExecute({ ...additionalData, streamingEnabled: true }, mode, runData);
  const execution = execute.processRunExecutionData(workflow);
  const { resultData } = ((await execution) as IRun).data;
  const task = resultData.runData.Baseten?.[0];
  return {
    items: task?.data?.main?.[0] ?? [],
    error: task?.error ?? resultData.error,
    chunks,
    types: chunks.map(({ type }) => type),
    texts: chunks.filter(({ type }) => type === 'item').map(({ content }) => content ?? ''),
  };
}
