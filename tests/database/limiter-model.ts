/** The limiter's semantics as a page of TypeScript; time in whole microseconds. */

export interface ModelLimits {
  perMinute: number;
  burst: number;
  perDay: number;
  concurrent: number;
  nanoPerMonth: number | null;
}

interface Hold {
  id: string;
  expiresUs: number;
  day: number;
  month: number;
  ceilingNano: number;
  isInProject: boolean;
}

interface Row {
  tatUs: number;
  day: number;
  dayUsed: number;
  month: number;
  spentNano: number;
  holds: Hold[];
}

interface Answer {
  bodyUntilUs: number;
  holder: string;
  leaseUntilUs: number;
}

const LEASE_US = 90e6;

const toDay = (us: number) => Math.floor(us / 86_400e6);
const toMonth = (us: number) => {
  const date = new Date(Math.floor(us / 1_000));
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

export function createLimiterModel(limits: ModelLimits, projectNanoPerMonth: number | null) {
  const rows = new Map<string, Row>();
  const answers = new Map<string, Answer>();

  /** The row as it is now; changes stay only where they are stored. */
  function load(subject: string, nowUs: number): Row {
    const row: Row = structuredClone(rows.get(subject)) ?? {
      tatUs: -Infinity,
      day: -Infinity,
      dayUsed: 0,
      month: -Infinity,
      spentNano: 0,
      holds: [],
    };
    const [day, month] = [toDay(nowUs), toMonth(nowUs)];
    if (row.day < day || row.day > day + 1) Object.assign(row, { day, dayUsed: 0 });
    if (row.month < month || row.month > month + 1) Object.assign(row, { month, spentNano: 0 });
    row.holds = row.holds.filter(({ expiresUs }) => expiresUs > nowUs);
    return row;
  }

  const isAnswered = (key: string | null, nowUs: number) => {
    const answer = answers.get(key ?? "");
    return answer !== undefined && (answer.bodyUntilUs > nowUs || answer.leaseUntilUs > nowUs);
  };

  return {
    reserve(
      { subject, id, key, ceilingNano }: {
        subject: string;
        id: string;
        key: string | null;
        ceilingNano: number;
      },
      nowUs: number,
    ): "leader" | "hit" | "follower" | "denied" {
      const row = load(subject, nowUs);
      const intervalUs = Math.round(60e6 / limits.perMinute);
      const windowUs = intervalUs * limits.burst;
      row.tatUs = Math.min(Math.max(row.tatUs, nowUs), nowUs + windowUs);
      if (row.tatUs + intervalUs > nowUs + windowUs) return "denied";
      if (isAnswered(key, nowUs)) {
        row.tatUs += intervalUs;
        rows.set(subject, row);
        return answers.get(key!)!.bodyUntilUs > nowUs ? "hit" : "follower";
      }
      const project = projectNanoPerMonth === null ? null : load("project", nowUs);
      if (
        row.holds.length >= limits.concurrent || row.dayUsed >= limits.perDay ||
        row.spentNano + ceilingNano > (limits.nanoPerMonth ?? Infinity) ||
        (project?.spentNano ?? 0) + ceilingNano > (projectNanoPerMonth ?? Infinity)
      ) {
        return "denied";
      }
      row.tatUs += intervalUs;
      row.dayUsed++;
      row.spentNano += ceilingNano;
      const { day, month } = row;
      const expiresUs = nowUs + LEASE_US;
      row.holds.push({ id, expiresUs, day, month, ceilingNano, isInProject: project !== null });
      rows.set(subject, row);
      if (project) {
        project.spentNano += ceilingNano;
        rows.set("project", project);
      }
      if (key !== null) {
        answers.set(key, { bodyUntilUs: -Infinity, holder: id, leaseUntilUs: expiresUs });
      }
      return "leader";
    },

    /** @returns whether the request was held. */
    settle(
      { subject, id, key, actualNano, givesBackDay, ttlS }: {
        subject: string;
        id: string;
        key: string | null;
        actualNano: number;
        givesBackDay: boolean;
        /** null for a failure. */
        ttlS: number | null;
      },
      nowUs: number,
    ): boolean {
      const row = load(subject, nowUs);
      const hold = row.holds.find((hold) => hold.id === id);
      if (hold === undefined) return false;
      row.holds = row.holds.filter((other) => other !== hold);
      const correct = (row: Row) => {
        if (hold.month === row.month) {
          row.spentNano = Math.max(0, row.spentNano + actualNano - hold.ceilingNano);
        }
      };
      correct(row);
      if (givesBackDay && hold.day === row.day) row.dayUsed = Math.max(0, row.dayUsed - 1);
      rows.set(subject, row);
      if (hold.isInProject) {
        const project = load("project", nowUs);
        correct(project);
        rows.set("project", project);
      }
      const answer = answers.get(key ?? "");
      if (answer?.holder === id) {
        answer.leaseUntilUs = -Infinity;
        // Without an answer there is nothing to be given, even if the clock steps back.
        answer.bodyUntilUs = ttlS === null ? -Infinity : nowUs + ttlS * 1e6;
      }
      return true;
    },

    /** What is stored; null where nothing is. */
    read(subject: string) {
      const row = rows.get(subject);
      return row
        ? { day_used: row.dayUsed, spent_nano: row.spentNano, holds: row.holds.length }
        : null;
    },
  };
}
