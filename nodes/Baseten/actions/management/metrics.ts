import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { withoutUndefined } from '../../../shared/json';
import type { Manage, Schemas } from '../../../shared/management/api';
import { readChoice } from '../../../shared/parameters/choice';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { ItemCall } from '../operation';
import { readTimeSpan } from './timeSpan';

/**
 * The metrics that Baseten has for each deployment. Engines such as vLLM bring more of their own.
 * @see https://docs.baseten.co/observability/export-metrics/supported-metrics
 */
const METRICS: Record<string, string> = {
  baseten_async_queue_size: 'Async Queue Size',
  baseten_async_webhook_latency_seconds: 'Async Webhook Latency',
  baseten_async_webhook_requests_total: 'Async Webhook Requests',
  baseten_concurrent_requests: 'Concurrent Requests',
  baseten_container_restarts_total: 'Container Restarts',
  baseten_container_cpu_usage_seconds_total: 'CPU Usage',
  baseten_end_to_end_response_time_seconds: 'End-to-End Response Time',
  baseten_gpu_memory_used: 'GPU Memory Used',
  baseten_gpu_utilization: 'GPU Utilization',
  baseten_inference_requests_total: 'Inference Requests',
  baseten_llm_input_tokens_total: 'LLM Input Tokens',
  baseten_llm_output_tokens_total: 'LLM Output Tokens',
  baseten_container_cpu_memory_working_set_bytes: 'Memory Used',
  baseten_ongoing_websocket_connections: 'Ongoing WebSocket Connections',
  baseten_replicas_active: 'Replicas Active',
  baseten_replicas_starting: 'Replicas Starting',
  baseten_request_size_bytes: 'Request Size',
  baseten_response_size_bytes: 'Response Size',
  baseten_time_in_async_queue_seconds: 'Time in Async Queue',
  baseten_time_to_first_byte_seconds: 'Time to First Byte',
};

const MODE = {
  name: 'mode',
  label: 'Mode',
  values: ['current', 'series', 'summary'],
  fallback: 'current',
} as const;

/** The parameters that say which metrics, and over which time. */
export const METRIC_PARAMETERS: INodeProperties[] = [
  {
    displayName: 'Metrics',
    name: 'metrics',
    type: 'multiOptions',
    default: [],
    description:
      'Which metrics to read. None means Baseten’s own choice: active replicas, requests and response time. An expression may name others, such as those of an engine.',
    options: Object.entries(METRICS).map(([value, name]) => ({ name, value })),
  },
  {
    displayName: 'Mode',
    name: 'mode',
    type: 'options',
    default: 'current',
    description: 'Whether to read one value or many',
    options: [
      { name: 'Current', value: 'current', description: 'The value of now' },
      {
        name: 'Series',
        value: 'series',
        description: 'A value for each step of the time from Start Time to End Time',
      },
      {
        name: 'Summary',
        value: 'summary',
        description: 'One value for the whole time from Start Time to End Time',
      },
    ],
  },
];

/** Which metrics are read, and over which time: the query of the request. */
type MetricQuery = Record<string, unknown>;

/**
 * Reads which metrics an item wants.
 * @throws {UserInputError} if Mode or a date can't be used
 */
export function readMetricQuery(call: ItemCall): MetricQuery {
  const { context, itemIndex } = call;
  const mode = readChoice(context, MODE, itemIndex);
  const { start, end } = readTimeSpan(call);
  if (mode === 'current' && (start !== undefined || end !== undefined)) {
    throw new UserInputError(
      'Mode is Current, which has no time',
      'Choose Summary or Series, or remove Start Time and End Time.',
    );
  }
  return {
    mode: mode.toUpperCase(),
    metrics: namesOf(context.getNodeParameter('metrics', itemIndex, [])),
    start_epoch_millis: start,
    end_epoch_millis: end,
  };
}

/** Whose metrics are read. */
interface Metered {
  /** The parts of the path after `/v1` up to `metrics`. */
  path: string[];
  query: MetricQuery;
  /** Whose they are, for messages. */
  subject: string;
}

/**
 * Reads metrics, an item each, with numbers that a node such as If can compare.
 * @throws {BasetenError} if Baseten refuses, for instance the name of a metric
 */
export async function readMetrics(
  manage: Manage,
  { path, query, subject }: Metered,
): Promise<INodeExecutionData[]> {
  const response = await manage<Schemas['GetModelMetricsResponseV1']>({
    path: [...path, 'metrics'],
    query,
    subject,
  });
  return response.metric_descriptors.map((_, index) => ({ json: toMetric(response, index) }));
}

/** Names as the form gives them, or as an expression does: a list, or a text with commas. */
function namesOf(given: unknown): string[] {
  const names = Array.isArray(given) ? (given as unknown[]) : String(given ?? '').split(',');
  return names.map((name) => String(name).trim()).filter((name) => name !== '');
}

function toMetric(response: Schemas['GetModelMetricsResponseV1'], index: number): IDataObject {
  const { metric_descriptors, metric_values, mode, start_epoch_millis, end_epoch_millis } =
    response;
  const descriptor = metric_descriptors[index];
  if (!descriptor) return {};
  const { name, unit_hint, kind, label_sets } = descriptor;
  const valuesAt = (step: number) => metric_values[step]?.values[index] ?? [];
  const series = label_sets.map((labels, at) => ({
    labels,
    ...(mode === 'SERIES'
      ? {
          points: metric_values.map(({ start_epoch_millis: time }, step) => ({
            time: iso(time),
            value: valuesAt(step)[at] ?? null,
          })),
        }
      : { value: valuesAt(0)[at] ?? null }),
  }));
  // A metric with one series has its value on top, where an If node finds it.
  const [only] = series.length === 1 ? series.map((one) => ({ ...one, labels: undefined })) : [];
  return {
    metric: name,
    unit: unit_hint.toLowerCase(),
    kind: kind.toLowerCase(),
    ...withoutUndefined(only ?? {}),
    // One with labels has its values by name, however many there are now: a model whose calls all
    // fail has `5xx` alone, and who looks for it must find it.
    ...(label_sets.some((labels) => Object.keys(labels).length > 0) && summaryOf(series)),
    series,
    startTime: iso(start_epoch_millis),
    endTime: iso(end_epoch_millis),
  };
}

interface Series {
  labels: Record<string, string>;
  value?: number | null;
}

/**
 * The values of a metric whose series have labels, by a short name: `p50` and `p99` of a response
 * time, `average`, `2xx` of requests by status.
 */
function summaryOf(series: Series[]): IDataObject {
  const named = series.flatMap(({ labels, value }) =>
    value === undefined ? [] : [[shortName(labels), value] as const],
  );
  return named.length > 0 ? { values: Object.fromEntries(named) } : {};
}

function shortName(labels: Record<string, string>): string {
  const { quantile, stat, ...others } = labels;
  if (quantile !== undefined) return `p${Math.round(Number(quantile) * 1000) / 10}`;
  if (stat !== undefined) return stat === 'avg' ? 'average' : stat;
  return Object.values(others).join(' ') || 'all';
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
