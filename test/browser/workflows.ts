import { chainOf, type NodeInARow, type WorkflowJson } from '../../host/n8n/workflowJson';

const CREDENTIALS = { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten (emulator)' } };

const START = {
  name: 'Start',
  type: 'n8n-nodes-base.manualTrigger',
  typeVersion: 1,
  parameters: {},
};

/** A workflow that does nothing yet. */
export const ONLY_START: WorkflowJson = chainOf('My workflow', [START]);

/** A workflow in which a manual trigger starts one Baseten node of this name. */
export function single(name: string, parameters: Record<string, unknown>): WorkflowJson {
  return chainOf(name, [START, baseten(name, parameters)]);
}

/** A chat trigger and an AI Agent that has no model yet. */
export const AGENT_WITHOUT_MODEL: WorkflowJson = chainOf('Chat', [
  {
    name: 'When chat message received',
    type: '@n8n/n8n-nodes-langchain.chatTrigger',
    typeVersion: 1.1,
    parameters: { options: {} },
    webhookId: 'chat-with-an-agent',
  },
  {
    name: 'AI Agent',
    type: '@n8n/n8n-nodes-langchain.agent',
    typeVersion: 2,
    parameters: { options: {} },
  },
]);

/** One node of each kind of operation, filled in as a person would. */
export const OPERATIONS: WorkflowJson = chainOf('Operations', [
  START,
  baseten('Predict', {
    resource: 'model',
    operation: 'predict',
    modelId: listed('sentim01', 'Simulated sentiment classifier (sentim01)'),
    inputMode: 'json',
    input: '={{ { "text": $json.review } }}',
  }),
  baseten('Submit Async', {
    resource: 'model',
    operation: 'submitAsync',
    modelId: listed('transc01', 'Simulated transcriber (slow) (transc01)'),
    inputMode: 'json',
    input: '={{ { "url": $json.recording } }}',
    delivery: 'wait',
    options: { waitTimeout: 3600 },
  }),
  baseten('Call Route', {
    resource: 'model',
    operation: 'callRoute',
    modelId: listed('echo0001', 'Simulated echo (echo0001)'),
    method: 'GET',
    route: '/health',
  }),
  baseten('Complete', {
    resource: 'chat',
    operation: 'complete',
    model: listed('emulator/chat', 'Emulator Chat · 131K context'),
    prompt: '=Summarise in one sentence: {{ $json.text }}',
    options: { temperature: 0.2, maxTokens: 200 },
  }),
  baseten('Create', {
    resource: 'embedding',
    operation: 'create',
    source: 'deployment',
    modelId: listed('embedd01', 'Simulated embeddings engine (embedd01)'),
    text: '={{ $json.text }}',
  }),
  baseten('Update Autoscaling', {
    resource: 'deployment',
    operation: 'updateAutoscaling',
    modelId: listed('sentim01', 'Simulated sentiment classifier (sentim01)'),
    autoscaling: { minReplica: 4, maxReplica: 4 },
    options: { waitUntilScaled: true },
  }),
  baseten('Promote', {
    resource: 'deployment',
    operation: 'promote',
    modelId: listed('sentim01', 'Simulated sentiment classifier (sentim01)'),
    deploymentId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
    environment: listed('production', 'production'),
    options: { scaleDownPrevious: false },
  }),
  baseten('Get Logs', {
    resource: 'deployment',
    operation: 'getLogs',
    modelId: listed('sentim01', 'Simulated sentiment classifier (sentim01)'),
    limit: 20,
    options: { minLevel: 'WARNING', requestId: '={{ $json.request_id }}' },
  }),
]);

/** The operations for speech and images, filled in as a person would. */
export const SPEECH_AND_IMAGES: WorkflowJson = chainOf('Speech and images', [
  START,
  baseten('Transcribe', {
    resource: 'audio',
    operation: 'transcribe',
    modelId: listed('whisper1', 'Simulated Whisper of the library (whisper1)'),
    options: { language: 'en', subtitles: 'srt' },
  }),
  baseten('Generate Speech', {
    resource: 'audio',
    operation: 'generateSpeech',
    modelId: listed('kokoro01', 'Simulated Kokoro (kokoro01)'),
    text: '={{ $json.text }}',
    options: { voice: 'af', fileName: '={{ $json.title }}.wav' },
  }),
  baseten('Generate Image', {
    resource: 'image',
    operation: 'generate',
    modelId: listed('flux0001', 'Simulated FLUX (flux0001)'),
    prompt: '={{ $json.product }} on a wooden table, studio light',
    numberOfImages: 2,
    options: { width: 1024, height: 768, seed: 42 },
  }),
]);

/** An event trigger that watches the deployments of all models. */
export const EVENTS: WorkflowJson = chainOf('Events', [
  {
    name: 'Deployment Unhealthy',
    type: 'n8n-nodes-baseten.basetenEventTrigger',
    typeVersion: 1,
    parameters: { event: 'deploymentStatus', recovered: true },
    credentials: CREDENTIALS,
  },
]);

function baseten(name: string, parameters: Record<string, unknown>): NodeInARow {
  return {
    name,
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: 1.1,
    parameters,
    credentials: CREDENTIALS,
  };
}

/** The value of a resource locator after a choice from its list. */
export function listed(value: string, cachedResultName: string) {
  return { __rl: true, mode: 'list', value, cachedResultName };
}
