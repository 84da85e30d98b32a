import type { HttpReply } from './delivery';

/**
 * Calls back once with the status when n8n ends a response. n8n does that when the execution is
 * recorded, or recording has failed. The response's events are not enough: there is no `finish` if
 * the client went away.
 */
export function whenEnded(reply: HttpReply, callback: (status: number) => void): void {
  const end = reply.end.bind(reply);
  let isEnded = false;
  reply.end = (...args) => {
    if (!isEnded) {
      isEnded = true;
      callback(reply.statusCode);
    }
    return end(...args);
  };
}
