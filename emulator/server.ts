import './http/fastifyTypes';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { checkKey } from './http/auth';
import { countBytes, readBody } from './http/body';
import { serveBothVersions } from './http/bothHttpVersions';
import { Refusal, notFound } from './http/refusal';
import { addFaultHooks } from './http/faultHooks';
import { addRequestLimits } from './http/requestLimits';
import { newRequestId } from './workspace/ids';
import { builtinOwners } from './models/builtin';
import { type Emulator, emulatorOf } from './emulator';
import { type EmulatorOptions, settingsFrom } from './options';
import { addAsyncRoutes } from './routes/asyncRequests';
import { addControlRoutes, isControlPath } from './routes/control';
import { addLoadRoutes } from './routes/controlLoad';
import { addCustomServerRoutes } from './routes/customServer';
import { addInferenceRoutes } from './routes/inference';
import { addManagementRoutes } from './routes/management';
import { addManagementChanges } from './routes/managementChanges';
import { addManagementReports } from './routes/managementReports';
import { addMcpRoute, MCP_PATH } from './routes/mcp';
import { addModelApiRoutes } from './routes/modelApis';
import { addWakeRoutes } from './routes/wake';
import { addFailureLog } from './management/failureLog';
import { EmulatorState } from './state';

/**
 * Connections that may wait to be accepted. Node's default is 511, and a client that opens more at
 * once waits a second longer.
 */
const BACKLOG = 4096;

/**
 * Starts a local Baseten on 127.0.0.1.
 * @throws {Error} With `code` `EADDRINUSE` if the port is in use.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = settingsFrom(options);
  const state = new EmulatorState(settings);
  for (const definition of builtinOwners(settings)) state.registry.add(definition);
  const { app, cutConnections } = buildApp(state);
  await app.listen({ host: '127.0.0.1', port: settings.port, backlog: BACKLOG });
  const { port } = app.server.address() as AddressInfo;
  state.url = `${settings.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return emulatorOf(state, async () => {
    await state.close();
    cutConnections();
    await app.close();
  });
}

function buildApp(state: EmulatorState): { app: FastifyInstance; cutConnections: () => void } {
  let cutConnections = () => {};
  const app = Fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1024 },
    serverFactory: (handler) => {
      const countConnection = () => {
        state.log.connections += 1;
      };
      const both = serveBothVersions(handler, countConnection, state.settings.tls);
      cutConnections = both.cutConnections;
      return both.server;
    },
  });
  app.decorateRequest('record', null);
  app.decorateRequest('rawBody', null);
  app.decorateRequest('fault', null);
  app.decorateRequest('basetenRequestId', '');
  addRecording(app, state);
  addWatching(app, state);
  addBodyReading(app, state);
  addFaultHooks(app, state);
  addFailureLog(app, state);
  addKeyCheck(app, state);
  addRequestLimits(app, state.requestLimits);
  addErrorResponses(app);
  addControlRoutes(app, state);
  addLoadRoutes(app, state);
  addManagementRoutes(app, state);
  addManagementChanges(app, state);
  addManagementReports(app, state);
  addMcpRoute(app, state);
  addModelApiRoutes(app, state);
  addInferenceRoutes(app, state);
  addAsyncRoutes(app, state);
  addWakeRoutes(app, state);
  addCustomServerRoutes(app, state);
  return { app, cutConnections };
}

/** Logs each request and gives it its request ID, unless it is for the emulator itself. */
function addRecording(app: FastifyInstance, state: EmulatorState): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '', method = '', headers } = request.raw;
    if (isControlPath(url)) return done();
    request.basetenRequestId = newRequestId();
    if (!url.startsWith('/management/'))
      reply.header('x-baseten-request-id', request.basetenRequestId);
    const record = state.log.begin(method, url, headers, state.clock.now());
    request.record = record;
    reply.raw.once('close', () => {
      state.log.end();
      record.endedAt = state.clock.now();
      if (reply.raw.headersSent) record.status = reply.raw.statusCode;
    });
    done();
  });
}

/** Faults that make an answer of their own only if they have a status. */
const FAULTS_ON_THE_WAY = ['delay', 'lost', 'truncate'];

/** Tells who watches of each request of the management API. */
function addWatching(app: FastifyInstance, { settings }: EmulatorState): void {
  const { watchManagement } = settings;
  if (!watchManagement) return;
  app.addHook('onSend', (request, reply, payload, done) => {
    const { record, fault } = request;
    // Baseten's document does not have its MCP server.
    if (record?.path.startsWith('/management/') && record.path !== MCP_PATH) {
      const isOwn = !fault || (FAULTS_ON_THE_WAY.includes(fault.kind) && !fault.status);
      const response = isOwn && typeof payload === 'string' ? payload : undefined;
      watchManagement({ request: record, status: reply.statusCode, response });
    }
    done(null, payload);
  });
}

/** Reads bodies as bytes, because most go to a model as they are. */
function addBodyReading(app: FastifyInstance, state: EmulatorState): void {
  // A model's own server may take a body with any method.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (request.routeOptions.config.countsBody) return await countBytes(payload);
    const body = await readBody(payload, state.limits.bodyBytes);
    request.rawBody = body;
    if (request.record) state.log.attachBody(request.record, body);
    return body;
  });
}

/** Checks the API key of each recorded request. */
function addKeyCheck(app: FastifyInstance, state: EmulatorState): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const path = request.record?.path;
    if (path === undefined) return done();
    try {
      checkKey(
        request.headers.authorization,
        state.settings.apiKeys,
        path.startsWith('/management/'),
      );
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Turns everything thrown, and every unknown path, into Baseten's error JSON. */
function addErrorResponses(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refusal) {
      return reply.code(error.status).headers(error.headers).send(error.body());
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const code = status < 500 ? 'client_error' : 'internal_baseten_error';
    return reply.code(status).send(new Refusal(status, code, (error as Error).message).body());
  });
  app.setNotFoundHandler((request) => {
    throw notFound(
      `There is no ${request.method} ${request.raw.url?.split('?', 1)[0]}.`,
      'client_error',
    );
  });
}
