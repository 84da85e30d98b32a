import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator';
import type { Host } from '../install/types';
import { freePort, requireFree } from '../ports';
import { type Proxy, startProxy } from '../proxy/proxy';
import { temporaryFolder } from '../temporaryFolder';
import type { CredentialJson } from './api';
import { type N8n, type N8nOptions, startN8n } from './n8n';
import type { WorkflowJson } from './workflowJson';

/**
 * A real n8n with the packed nodes and a saved credential, and the simulated Baseten that it is
 * for.
 */
export interface TestBed {
  /** The n8n that runs now; after `start` it is another one. */
  readonly n8n: N8n;
  /** What the URLs begin with that people and Baseten call: those of the proxy if there is one. */
  readonly url: string;
  /** The simulated Baseten; undefined if the real one is called. */
  emulator: Emulator | undefined;
  credential: CredentialJson & { id: string };
  /**
   * Imports a workflow with the credential in place, and its key as a bearer token for MCP servers.
   * Publishes it if it has a trigger, and returns its ID.
   */
  add(workflow: WorkflowJson): Promise<string>;
  /** Ends n8n with this signal and leaves it down. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts n8n again, on the same data and address. */
  start(): Promise<void>;
  /** Ends everything and removes all that it left. */
  close(): Promise<void>;
}

/** A test bed with the emulator. */
export type SimulatedTestBed = TestBed & { emulator: Emulator };

/** How a test bed is started. */
export interface TestBedOptions {
  host: Host;
  /** The port that is called; a free one by default. */
  port?: number;
  /** Starts the proxy of the docs in front of n8n. */
  withProxy?: boolean;
  /** With the proxy: puts HAProxy with the limit of the docs into it. */
  withLimit?: boolean;
  /** A key of the real service: then nothing is simulated. */
  apiKey?: string;
  /** More settings of n8n. */
  env?: Record<string, string>;
  /** With these n8n itself serves https. */
  tls?: N8nOptions['tls'];
  /** Gives up the start. */
  signal?: AbortSignal;
  /** Is told what the simulated management API is asked and answers. */
  watchManagement?: EmulatorOptions['watchManagement'];
  /** How this n8n's REST API is spoken to, if it isn't the pinned one. */
  Api?: N8nOptions['Api'];
}

/**
 * Settings with which n8n takes webhooks fast. With its default engine it spends 50 to 100 ms of
 * CPU on a fresh isolate for every call, before a node is asked: on a small machine a burst of 300
 * results then takes longer than Baseten waits.
 */
export const FAST_WEBHOOKS = { N8N_EXPRESSION_ENGINE: 'legacy' };

/** Milliseconds that the simulated model takes for a token, so that streaming can be seen. */
const TOKEN_MS = 20;

/**
 * Starts n8n and, without an `apiKey`, the emulator. Leaves nothing behind if that fails.
 * @throws {Problem} if the port is in use, or the proxy is not installed
 */
export async function startTestBed(
  options: TestBedOptions & { apiKey?: undefined },
): Promise<SimulatedTestBed>;
export async function startTestBed(options: TestBedOptions): Promise<TestBed>;
export async function startTestBed({
  apiKey,
  signal,
  port: wanted,
  withProxy,
  withLimit,
  watchManagement,
  ...options
}: TestBedOptions): Promise<TestBed> {
  const emulator = apiKey
    ? undefined
    : await startEmulator({
        tokenMs: TOKEN_MS,
        receiverCa: options.tls?.cert,
        watchManagement,
      });
  const folder = await temporaryFolder('n8n');
  let n8n: N8n | undefined;
  let proxy: Proxy | undefined;
  const close = async () => {
    await n8n?.stop();
    await proxy?.close();
    await emulator?.close();
    await folder.remove();
  };
  try {
    const called = wanted === undefined ? undefined : await requireFree(wanted, '--port');
    const port = withProxy ? await freePort() : called;
    if (withProxy) proxy = await startProxy({ main: port as number, port: called, withLimit });
    const settings = {
      ...options,
      userFolder: folder.path,
      env: { ...(proxy && behind(proxy.url)), ...options.env },
    };
    const first = await startN8n({ ...settings, port, signal });
    n8n = first;
    await proxy?.passes();
    let running = first;
    const credential = {
      name: emulator ? 'Baseten (emulator)' : 'Baseten',
      type: 'basetenWorkspaceApi',
      data: emulator ? emulatorCredential(emulator) : { apiKey, endpoints: 'baseten' },
    };
    const id = await first.api.createCredential(credential);
    const bearer = await first.api.createCredential({
      name: 'Baseten MCP',
      type: 'httpBearerAuth',
      data: { token: emulator?.apiKey ?? apiKey },
    });
    const credentials = { basetenWorkspaceApi: id, httpBearerAuth: bearer };
    return {
      get n8n() {
        return running;
      },
      url: proxy?.url ?? first.url,
      emulator,
      credential: { ...credential, id },
      async add(workflow) {
        const workflowId = await running.api.importWorkflow(workflow, credentials);
        await running.api.publish(workflowId);
        return workflowId;
      },
      kill: async (how) => await running.kill(how),
      async start() {
        running = await startN8n({ ...settings, port: first.port, project: false });
        n8n = running;
        await proxy?.passes();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The settings of an n8n that is called at this address. */
function behind(url: string): Record<string, string> {
  return {
    N8N_WEBHOOK_URL: url,
    WEBHOOK_URL: url,
    N8N_EDITOR_BASE_URL: url,
    N8N_PROXY_HOPS: '2',
  };
}

/** The fields of a credential for the emulator. */
export function emulatorCredential(emulator: Emulator): Record<string, string> {
  const { apiKey, deploymentUrl, modelApiUrl, managementUrl, webhookSecrets } = emulator;
  const webhookSecret = webhookSecrets.join(',');
  return { apiKey, webhookSecret, endpoints: 'custom', deploymentUrl, modelApiUrl, managementUrl };
}
