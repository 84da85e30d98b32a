import { randomUUID } from 'node:crypto';
import { badRequest } from '../http/refusal';
import { isObject } from '../models/model';

type Fields = Record<string, unknown>;

const WEEKDAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];
const CADENCES = ['DAILY', 'HOURLY'];
/** What the settings of a schedule have to hold, if only as null: Baseten takes no part of them. */
const SETTINGS = [
  'min_replica',
  'max_replica',
  'autoscaling_window',
  'scale_down_delay',
  'concurrency_target',
  'target_utilization_percentage',
  'target_in_flight_tokens',
  'max_scale_down_rate',
];

/** A schedule as Baseten shows it: AutoscalingScheduleV1. */
interface Schedule extends Fields {
  id: string;
  name: string;
  enabled: boolean;
  cadence: string;
  weekdays: string[];
  start_hour: number | null;
  start_minute: number;
  end_hour: number | null;
  end_minute: number;
  autoscaling_settings: Record<string, number | null>;
}

/**
 * The schedules of an environment's autoscaling. They are kept and shown, with the one that applies
 * now; the simulated replicas don't follow them.
 */
export class Schedules {
  private timezone: string | null = null;
  private list: Schedule[] = [];

  /**
   * Takes UpdateAutoscalingScheduleSettingsV1: creates, replaces and deletes schedules.
   * @throws {Refusal} 400 if a schedule is not whole, an ID is unknown, or there is no time zone
   */
  update(given: unknown): void {
    if (!isObject(given)) throw badRequest('autoscaling_schedule_settings has to be an object.');
    const { timezone = this.timezone, schedules = [], delete_schedules: deleted = [] } = given;
    const changed = new Map(this.list.map((schedule) => [schedule.id, schedule]));
    for (const id of deleted as string[])
      if (!changed.delete(id)) throw badRequest(`There is no schedule ${id}.`);
    for (const each of schedules as unknown[]) {
      const { id = null, ...fields } = checked(each);
      if (id !== null && !changed.has(String(id))) throw badRequest(`There is no schedule ${id}.`);
      const made = { ...fields, id: id === null ? randomUUID() : String(id) } as Schedule;
      changed.set(made.id, made);
    }
    if (changed.size > 0 && !isTimeZone(timezone)) throw badRequest('timezone is not known.');
    this.timezone = changed.size > 0 ? (timezone as string) : null;
    this.list = [...changed.values()];
  }

  /**
   * What an environment shows: EnvironmentAutoscalingSchedulesV1; nothing without a schedule.
   * @param settings those of the environment, which hold where the schedule has null
   * @param now milliseconds since the epoch
   */
  shape(settings: object, now: number): object | undefined {
    const { timezone } = this;
    if (timezone === null) return undefined;
    const applied = this.list.find((each) => each.enabled && applies(each, timezone, now));
    const overrides = Object.entries(applied?.autoscaling_settings ?? {});
    return {
      timezone,
      schedules: this.list,
      applied_state: {
        schedule_id: applied?.id ?? null,
        autoscaling_settings: {
          ...settings,
          ...Object.fromEntries(overrides.filter(([, value]) => value !== null)),
        },
      },
    };
  }
}

/** @throws {Refusal} 400 if it is not AutoscalingScheduleUpsertV1 */
function checked(given: unknown): Fields {
  const schedule = isObject(given) ? given : {};
  const { autoscaling_settings: settings, weekdays, cadence, name, enabled } = schedule;
  const isWhole =
    isObject(settings) &&
    SETTINGS.every((field) => field in settings) &&
    Array.isArray(weekdays) &&
    weekdays.every((day) => WEEKDAYS.includes(String(day))) &&
    CADENCES.includes(String(cadence)) &&
    typeof name === 'string' &&
    typeof enabled === 'boolean' &&
    typeof schedule.start_minute === 'number' &&
    typeof schedule.end_minute === 'number';
  if (!isWhole) throw badRequest('A schedule has to be complete.');
  return { start_hour: null, end_hour: null, ...schedule };
}

/** Whether a schedule applies now, by the clock of its time zone. */
function applies(schedule: Schedule, timezone: string, now: number): boolean {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const { start_hour, start_minute, end_hour, end_minute, cadence, weekdays } = schedule;
  if (!weekdays.includes(part('weekday').toUpperCase())) return false;
  const hour = Number(part('hour'));
  const minute = Number(part('minute'));
  if (cadence === 'DAILY') {
    const minutes = hour * 60 + minute;
    return (
      minutes >= (start_hour ?? 0) * 60 + start_minute &&
      minutes < (end_hour ?? 0) * 60 + end_minute
    );
  }
  const isHour = hour >= (start_hour ?? 0) && hour <= (end_hour ?? 23);
  return isHour && minute >= start_minute && minute < end_minute;
}

function isTimeZone(name: unknown): boolean {
  try {
    return typeof name === 'string' && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
