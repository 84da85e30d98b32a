import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { pathOf, type Owner, type Target } from '../../../shared/connection/endpoints';
import { BasetenError } from '../../../shared/errors/basetenError';
import { capital } from '../../../shared/capital';
import { UserInputError } from '../../../shared/errors/userInputError';
import { withoutUndefined } from '../../../shared/json';
import { managementApi, type Manage, type Schemas } from '../../../shared/management/api';
import { STUCK_STATUSES } from '../../../shared/management/statuses';
import { readTarget } from '../../../shared/parameters/addressing';
import {
  optionsCollection,
  readWholeNumber,
  type Options,
} from '../../../shared/parameters/options';
import { readyTimeoutOption } from '../management/lifecycle';
import {
  deploymentParameters,
  findDeployment,
  getEnvironment,
  nameOfDeployment,
  nameOfEnvironment,
  readAnyOwner,
} from '../management/owner';
import { readReadyTimeout, untilDone } from '../../../shared/management/untilDone';
import type { ItemCall, Operation } from '../operation';

const READY_TIMEOUT = 600;
/** The highest value of a setting without a limit of its own. */
const MOST = 1_000_000;

type Settings = Partial<Schemas['UpdateAutoscalingSettingsV1']>;

/** A setting of autoscaling: its name in the form and at Baseten, and what it may be. */
interface Setting {
  name: string;
  label: string;
  field: keyof Schemas['UpdateAutoscalingSettingsV1'];
  range: readonly [number, number];
  description: string;
}

const SETTINGS: Setting[] = [
  {
    name: 'autoscalingWindow',
    label: 'Autoscaling Window',
    field: 'autoscaling_window',
    range: [1, MOST],
    description: 'Seconds of traffic that are looked at to decide on scaling',
  },
  {
    name: 'concurrencyTarget',
    label: 'Concurrency Target',
    field: 'concurrency_target',
    range: [1, MOST],
    description: 'How many requests a replica takes before another replica starts',
  },
  {
    name: 'maxReplica',
    label: 'Max Replicas',
    field: 'max_replica',
    range: [0, MOST],
    description: 'The most replicas that may run',
  },
  {
    name: 'minReplica',
    label: 'Min Replicas',
    field: 'min_replica',
    range: [0, MOST],
    description: 'How many replicas run at least. 0 lets the deployment scale to zero.',
  },
  {
    name: 'scaleDownDelay',
    label: 'Scale Down Delay',
    field: 'scale_down_delay',
    range: [0, MOST],
    description: 'Seconds to wait before a replica is taken away',
  },
  {
    name: 'targetUtilization',
    label: 'Target Utilization',
    field: 'target_utilization_percentage',
    range: [1, 100],
    description: 'How full replicas should be, in percent of the concurrency target',
  },
];

const AUTOSCALING: INodeProperties = {
  displayName: 'Autoscaling',
  name: 'autoscaling',
  type: 'collection',
  placeholder: 'Add setting',
  default: {},
  description: 'What to change. A setting that is not added stays as it is.',
  options: SETTINGS.map(({ name, label, range, description }) => ({
    displayName: label,
    name,
    type: 'number' as const,
    typeOptions: { minValue: range[0], numberPrecision: 0 },
    default: range[0],
    description,
  })),
};

/**
 * Changes the autoscaling of a deployment, or of the environment that owns it.
 * @see https://docs.baseten.co/deployment/autoscaling/overview
 */
export const updateAutoscaling: Operation = {
  name: 'Update Autoscaling',
  value: 'updateAutoscaling',
  action: 'Change the autoscaling of a deployment',
  description:
    'Change how many replicas a deployment or an environment has. More replicas cost more. With a minimum of 0 it can scale to zero.',
  properties: [
    ...deploymentParameters({ chains: true }),
    {
      displayName: 'Chainlet Name',
      name: 'chainletName',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. Transcriber',
      description: 'Name of the chainlet to scale',
      displayOptions: { show: { ownerType: ['chain'] } },
    },
    AUTOSCALING,
    optionsCollection([
      readyTimeoutOption(READY_TIMEOUT),
      {
        displayName: 'Wait Until Scaled',
        name: 'waitUntilScaled',
        type: 'boolean',
        default: false,
        description: 'Whether to go on only once as many replicas are active as Min Replicas says',
      },
    ]),
  ],
  async execute(call) {
    const { context, itemIndex, connection, send, options } = call;
    const settings = readSettings(
      context.getNodeParameter('autoscaling', itemIndex, {}) as Options,
    );
    const limit = readReadyTimeout(options.own, READY_TIMEOUT);
    const manage = managementApi(connection.endpoints, send);
    const owner = readAnyOwner(call, true);
    const target = readTarget(context, itemIndex);
    const scaled =
      owner.kind === 'chain' ? ofChainlet(call, owner, target) : ofModel(owner, target);
    const response = await update(manage, scaled, settings);
    const replicas =
      options.own.waitUntilScaled === true
        ? await scaledUp({ call, manage, scaled, wanted: settings.min_replica, limit })
        : undefined;
    const json = { ...response, ...withoutUndefined({ active_replica_count: replicas }) };
    return [{ json: json as IDataObject }];
  },
};

/** What is scaled: how it is changed, and how to look at it. */
interface Scaled {
  /** What is scaled, for messages. */
  subject: string;
  path: string[];
  /** Makes the body of the change. */
  toBody(settings: Settings): object;
  /** Whether it is one deployment, which an environment may own. */
  isDeployment: boolean;
  look(manage: Manage): Promise<Replicas>;
}

/** How many replicas there are, and what may hold them. */
interface Replicas {
  active: number;
  /** The status of what is scaled; nothing if nothing is deployed there. */
  status: string | undefined;
  /** The least that autoscaling settings ask for, if that is known. */
  least?: number;
  schedules?: Schemas['EnvironmentV1']['autoscaling_schedules'];
}

function ofModel(owner: Owner, target: Target): Scaled {
  if (target.type === 'deployment' || target.type === 'development') {
    const id = target.type === 'deployment' ? target.deploymentId : target.type;
    return {
      subject: nameOfDeployment(owner, id),
      path: [...pathOf(owner), 'deployments', id, 'autoscaling_settings'],
      toBody: (settings) => settings,
      isDeployment: true,
      async look(manage) {
        const deployment = await findDeployment(manage, owner, target);
        const {
          status,
          active_replica_count: active,
          autoscaling_settings: now,
        } = deployment as Schemas['DeploymentV1'];
        return { active, status, least: now?.min_replica };
      },
    };
  }
  const name = environmentOf(target);
  return {
    subject: nameOfEnvironment(owner, name),
    path: [...pathOf(owner), 'environments', name],
    toBody: (settings) => ({ autoscaling_settings: settings }),
    isDeployment: false,
    async look(manage) {
      const environment = (await getEnvironment(manage, owner, name)) as Schemas['EnvironmentV1'];
      return {
        active: environment.current_deployment?.active_replica_count ?? 0,
        status: environment.current_deployment?.status,
        least: environment.autoscaling_settings?.min_replica,
        schedules: environment.autoscaling_schedules,
      };
    },
  };
}

/** @throws {UserInputError} if no chainlet is named, or the target is not an environment */
function ofChainlet({ context, itemIndex }: ItemCall, owner: Owner, target: Target): Scaled {
  const chainlet = String(context.getNodeParameter('chainletName', itemIndex, '') ?? '').trim();
  if (chainlet === '') {
    throw new UserInputError('Chainlet Name is empty', 'Enter the name of the chainlet to scale.');
  }
  if (target.type === 'deployment' || target.type === 'development') {
    throw new UserInputError(
      'Autoscaling of a chain belongs to its environments',
      'Choose Production or Environment as Target.',
    );
  }
  const name = environmentOf(target);
  const environmentPath = [...pathOf(owner), 'environments', name];
  return {
    subject: `chainlet ${chainlet} in ${nameOfEnvironment(owner, name)}`,
    path: [...environmentPath, 'chainlet_settings', 'autoscaling_settings'],
    toBody: (settings) => ({
      updates: [{ chainlet_name: chainlet, autoscaling_settings: settings }],
    }),
    isDeployment: false,
    async look(manage) {
      const { current_deployment: deployment } = await getEnvironment(manage, owner, name);
      const chainlets = deployment && 'chainlets' in deployment ? deployment.chainlets : [];
      const found = chainlets.find((each) => each.name === chainlet);
      return {
        active: found?.active_replica_count ?? 0,
        status: found?.status,
        least: found?.autoscaling_settings?.min_replica,
      };
    },
  };
}

function environmentOf(target: Target): string {
  return target.type === 'environment' ? target.environment : 'production';
}

async function update(
  manage: Manage,
  { path, toBody, subject, isDeployment }: Scaled,
  settings: Settings,
): Promise<object> {
  try {
    return await manage<object>({ method: 'PATCH', path, body: toBody(settings), subject });
  } catch (error) {
    throw isDeployment ? withOwnerHint(error) : error;
  }
}

/** If an environment owns a deployment, Baseten refuses to change its autoscaling by itself. */
function withOwnerHint(error: unknown): unknown {
  if (!(error instanceof BasetenError) || !/environment/i.test(error.detail ?? '')) return error;
  return new BasetenError(error.message, {
    ...error,
    hint: 'An environment owns this deployment. Choose that environment, or Production, as Target.',
  });
}

interface ScaleWait {
  call: ItemCall;
  manage: Manage;
  scaled: Scaled;
  /** How many replicas are waited for; what the settings say if the user changed something else. */
  wanted: number | null | undefined;
  limit: number;
}

/**
 * Waits until enough replicas are active.
 * @returns how many are active then
 * @throws {UserInputError} if a schedule of Baseten's holds fewer, nothing is deployed that could
 * have them, or it takes too long
 */
async function scaledUp({ call, manage, scaled, wanted, limit }: ScaleWait): Promise<number> {
  const { active } = await untilDone<Replicas>({
    subject: scaled.subject,
    limit,
    signal: call.signal,
    show: (message) => call.context.sendMessageToUI(message),
    look: async () => await scaled.look(manage),
    progress(replicas) {
      const least = wanted ?? replicas.least ?? 0;
      if (replicas.active >= least) return undefined;
      checkStatus(replicas, scaled.subject);
      checkSchedule(replicas, least, scaled.subject);
      return `at ${replicas.active} of ${least} active replicas`;
    },
  });
  return active;
}

/** @throws {UserInputError} if no replica will come: waiting for them would never end */
function checkStatus({ status }: Replicas, subject: string): void {
  if (status !== undefined && !STUCK_STATUSES.includes(status)) return;
  throw new UserInputError(
    `${capital(subject)} gets no replicas: ${status === undefined ? 'nothing is deployed there' : `it is ${status}`}`,
    `Its settings are changed. They hold once ${status === undefined ? 'a deployment is promoted to it' : 'it is activated or deployed again'}.`,
  );
}

/** @throws {UserInputError} if a schedule of Baseten's holds fewer replicas than are wanted */
function checkSchedule({ schedules }: Replicas, wanted: number, subject: string): void {
  const applied = schedules?.applied_state;
  if (!applied?.schedule_id || applied.autoscaling_settings.min_replica >= wanted) return;
  const schedule = schedules?.schedules.find(({ id }) => id === applied.schedule_id);
  const { min_replica: least, max_replica: most } = applied.autoscaling_settings;
  throw new UserInputError(
    `The schedule "${schedule?.name ?? applied.schedule_id}" holds ${subject} at ${least} to ${most} replicas`,
    'A schedule of Baseten wins over these settings while it applies. Wait until it ends, or change it: the example office-hours.json does so with Management API → Call Route.',
  );
}

/** @throws {UserInputError} if nothing is set, a value can't be used, or min is above max */
function readSettings(given: Options): Settings {
  const settings: Settings = {};
  for (const { name, label, field, range } of SETTINGS) {
    const value = readWholeNumber(given, { name, label, range, fallback: undefined });
    if (value !== undefined) settings[field] = value;
  }
  if (Object.keys(settings).length === 0) {
    throw new UserInputError('No autoscaling setting is given', 'Add one under Autoscaling.');
  }
  const { min_replica: least, max_replica: most } = settings;
  if (typeof least === 'number' && typeof most === 'number' && least > most) {
    throw new UserInputError(
      `Min Replicas (${least}) is above Max Replicas (${most})`,
      'Exchange them, or change one of both.',
    );
  }
  return settings;
}
