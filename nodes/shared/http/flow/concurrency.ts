// Decisions: docs/decisions.md, "The node finds out how much a deployment takes".

import { FirstAhead } from './firstAhead';

/** The level to begin with, when nothing is known about a deployment. */
export const FIRST_LEVEL = 8;
/** The highest level there is. */
const HIGHEST_LEVEL = 256;

/** The share of what a higher level could bring at best, from which it is worth taking. */
const WORTHWHILE = 0.3;
/** The share of the answers a second from which a lower level is as good. */
const AS_GOOD = 0.95;
/** Fewest answers of a measurement at a level that is held. */
const ANSWERS_TO_HOLD = 12;
/** Answers of a measurement that decides about a level, as a multiple of it. */
const ROUNDS_TO_DECIDE = 2.5;
/** Measurements at a level before another one is looked at. */
const ROUNDS_BETWEEN_LOOKS = 6;
/** If so much less is answered than was, replicas may be gone: a lower level is looked at soon. */
const FALLEN = 0.75;
const ROUNDS_TO_FALL = 3;
/** How far a look goes, as a factor. */
const LOOK = 1.5;
/** A measurement counts if so much of the level was in flight on average. */
const FULL = 0.7;
/** What a refusal leaves of a level. */
const CUT = 0.75;
/** What it leaves at least, however many are refused with it. */
const DEEPEST_CUT = 0.5;
/** A level is not cut below this: who refuses even so few does not mind how many they are. */
const LOWEST_CUT = 4;
/** The part of a level that was refused that may be tried while that is remembered. */
const BELOW_REFUSED = 0.9;
/** How long it is remembered. */
const REMEMBERED_MS = 30_000;
/** So many answers after a cut, it is clear that it was right. */
const ANSWERS_TO_TRUST = 20;

/** How fast the answers came at a level. */
interface Measured {
  level: number;
  /** Answers a millisecond. */
  speed: number;
}

/** A request on its way, as the deployment's level needs to know it. */
export interface SentRequest {
  /** When it was sent. */
  sentAt: number;
  /** How many were in flight then, with it. */
  position: number;
}

/**
 * How many requests to one deployment are in flight at once: the level. It is steered by the
 * answers a second, since the time of one answer depends on its input more than on the load. From 8
 * on the level doubles while that brings clearly more answers, otherwise it goes back to the
 * smallest level that gave as many. Then it holds, and looks at a higher and a lower level in turn,
 * since replicas come and go. A refusal cuts the level, and what was refused is not tried again for
 * a while.
 *
 * All times are milliseconds of one clock that never goes back.
 */
export class Concurrency {
  /** How many requests may be in flight. */
  level = FIRST_LEVEL;
  private inFlight = 0;

  /** Whether a level is held, or one is tried that is higher or lower than the best one. */
  private phase: 'holding' | 'higher' | 'lower' = 'higher';
  /** The best level known. Nothing is known before the first measurement. */
  private best?: Measured;
  /** Measurements since the level is held. */
  private rounds = 0;
  private nextLook: 'higher' | 'lower' = 'higher';
  /** Measurements in a row that were much slower than those before. */
  private fallen: number[] = [];

  /** Answers to come of requests that were sent at another level; they are not measured. */
  private stale = 0;
  /** What is being measured. */
  private measured = { since: 0, answers: 0, load: 0, loadUntil: 0 };

  /** The level that was refused, and until when that is remembered. */
  private tooHigh = { level: Infinity, until: -Infinity };
  /** What the last cut was. */
  private cut = { at: -Infinity, from: FIRST_LEVEL, answersToTrust: 0 };
  /** The most that were in flight when a request was sent that was answered. */
  private proven = LOWEST_CUT;
  private readonly first = new FirstAhead();

  /** Whether a request is in flight. */
  get isBusy(): boolean {
    return this.inFlight > 0;
  }

  /** Whether another request may be sent. */
  get hasRoom(): boolean {
    return this.inFlight < this.level;
  }

  /** @returns when the next request may be sent, if there is room */
  freeAt(now: number): number {
    return this.first.freeAt(now);
  }

  /** A request is sent. */
  send(now: number): SentRequest {
    this.first.sent(now);
    // Between two runs nothing is measured.
    if (this.inFlight === 0) this.measureAnew(now, 0);
    this.countLoad(now);
    return { sentAt: now, position: ++this.inFlight };
  }

  /** A request has ended without saying anything about the deployment. */
  ended(now: number, { sentAt }: SentRequest): void {
    this.first.ended(sentAt);
    this.countLoad(now);
    this.inFlight--;
  }

  /** A request was answered. */
  answered(now: number, sent: SentRequest): void {
    const { sentAt, position } = sent;
    this.ended(now, sent);
    if (this.isNews(sentAt)) this.proven = Math.max(this.proven, position);
    if (this.cut.answersToTrust > 0) this.cut.answersToTrust--;
    if (this.stale > 0) {
      if (--this.stale === 0) this.measureAnew(now, 0);
      return;
    }
    const answers = ++this.measured.answers;
    // So few need no measurement: they go back to where they began, one by one.
    const isLow = this.level < Math.min(FIRST_LEVEL, this.highest(now));
    if (isLow && answers >= this.level) this.goTo(this.level + 1, now);
    else if (answers >= this.answersNeeded) this.measure(now);
  }

  /**
   * Whether a refusal of a request has another reason than how many were in flight: as many were
   * before, and were answered.
   */
  hasTaken({ position }: SentRequest): boolean {
    return position <= this.proven;
  }

  /**
   * A request was refused, because too many are in flight.
   * @param isSure whether there can be no other reason
   */
  refused(now: number, sent: SentRequest, isSure = false): void {
    const { sentAt } = sent;
    this.ended(now, sent);
    this.first.refused(now, sentAt);
    if (this.isNews(sentAt)) {
      this.tooHigh = { level: this.level, until: now + REMEMBERED_MS };
      this.cut = { at: now, from: this.level, answersToTrust: ANSWERS_TO_TRUST };
      this.cutTo(this.level * CUT, now);
    } else {
      // What is still in flight may be what the deployment takes: this one was refused beside it.
      this.cutTo(Math.max(this.cut.from * DEEPEST_CUT, this.inFlight), now);
    }
    if (isSure) this.cut.answersToTrust = 0;
  }

  /** The refusals had another reason than how many were in flight. A cut of late was wrong. */
  takeCutBack(now: number): void {
    if (this.cut.answersToTrust === 0) return;
    this.cut.answersToTrust = 0;
    this.tooHigh.until = -Infinity;
    this.goTo(this.cut.from, now);
  }

  /** Whether a request was sent after the last cut. Others say nothing new. */
  private isNews(sentAt: number): boolean {
    return sentAt > this.cut.at;
  }

  private cutTo(level: number, now: number): void {
    const to = Math.min(this.level, Math.max(Math.floor(level), LOWEST_CUT));
    this.proven = Math.min(this.proven, to);
    this.best = undefined;
    this.hold();
    this.goTo(to, now);
  }

  /** Answers that a measurement takes: more of them where it decides whether to stay. */
  private get answersNeeded(): number {
    return this.phase === 'holding'
      ? Math.max(ANSWERS_TO_HOLD, this.level)
      : this.level * ROUNDS_TO_DECIDE;
  }

  /** Ends a measurement. It counts if there was enough to do meanwhile. */
  private measure(now: number): void {
    const { since, answers, load } = this.measured;
    const span = now - since;
    const wasFull = span > 0 && load >= span * this.level * FULL;
    this.measureAnew(now, 0);
    if (!wasFull) return;
    const found = { level: this.level, speed: answers / span };
    if (this.phase === 'holding') this.heldAt(found, now);
    else this.triedAt(found, now);
  }

  private triedAt(found: Measured, now: number): void {
    const { best } = this;
    if (!best || isBetter(found, best)) {
      // Each step down may lose a little: the next one is compared with what was before the first.
      const speed = Math.max(found.speed, this.phase === 'lower' ? (best?.speed ?? 0) : 0);
      this.best = { level: found.level, speed };
      if (this.phase === 'higher') this.look('higher', this.level * 2, now);
      else this.lookLower(now);
    } else {
      this.hold();
      this.goTo(best.level, now);
    }
  }

  private heldAt(found: Measured, now: number): void {
    const before = this.best?.speed ?? found.speed;
    if (found.speed < before * FALLEN) {
      this.fallen.push(found.speed);
      if (this.fallen.length < ROUNDS_TO_FALL) return;
      const speed = this.fallen.reduce((sum, each) => sum + each, 0) / this.fallen.length;
      this.best = { level: found.level, speed };
      return this.lookLower(now);
    }
    this.fallen = [];
    this.best = { level: found.level, speed: before * 0.7 + found.speed * 0.3 };
    if (++this.rounds < ROUNDS_BETWEEN_LOOKS) return;
    this.rounds = 0;
    const look = this.nextLook;
    this.nextLook = look === 'higher' ? 'lower' : 'higher';
    if (look === 'higher') this.look(look, this.level * LOOK, now);
    else this.lookLower(now);
  }

  private lookLower(now: number): void {
    if (this.level / LOOK >= FIRST_LEVEL) this.look('lower', this.level / LOOK, now);
    else this.hold();
  }

  private look(phase: 'higher' | 'lower', level: number, now: number): void {
    const to = Math.floor(phase === 'lower' ? level : Math.min(level, this.highest(now)));
    if (phase === 'higher' && to <= this.level) return this.hold();
    this.phase = phase;
    this.goTo(to, now);
  }

  /** @returns the highest level that may be tried now */
  private highest(now: number): number {
    if (now >= this.tooHigh.until) return HIGHEST_LEVEL;
    return Math.floor(this.tooHigh.level * BELOW_REFUSED);
  }

  private hold(): void {
    this.phase = 'holding';
    this.rounds = 0;
    this.fallen = [];
  }

  private goTo(level: number, now: number): void {
    this.level = level;
    this.measureAnew(now, this.inFlight);
  }

  private measureAnew(now: number, stale: number): void {
    this.stale = stale;
    this.measured = { since: now, answers: 0, load: 0, loadUntil: now };
  }

  /** Adds what was in flight, times how long it was. */
  private countLoad(now: number): void {
    this.measured.load += this.inFlight * (now - this.measured.loadUntil);
    this.measured.loadUntil = now;
  }
}

/** Whether a level is worth staying at, compared with the best one. */
function isBetter(tried: Measured, best: Measured): boolean {
  const wanted =
    tried.level > best.level ? 1 + WORTHWHILE * (tried.level / best.level - 1) : AS_GOOD;
  return tried.speed >= best.speed * wanted;
}
