import { LessThan, type FindOptionsWhere, type Repository } from 'typeorm';

/** Which part of a list is wanted. */
export interface PageWish {
  /** Most entries of the answer. */
  limit: number;
  /** Id of the last entry of the part before. */
  after?: string | undefined;
}

/** A part of a list. */
export interface Page<Entry> {
  entries: Entry[];
  hasMore: boolean;
}

/** Reads one part of a table, newest first: ids grow with time, so a part also continues behind a row that is gone. */
export async function newestFirst<Row extends { id: string }>(
  rows: Repository<Row>,
  where: FindOptionsWhere<Row>,
  { limit, after }: PageWish,
): Promise<Page<Row>> {
  const behind = after === undefined ? where : { ...where, id: LessThan(after) };
  const found = await rows.find({
    where: behind,
    order: { id: 'DESC' } as never,
    take: limit + 1,
  });
  return { entries: found.slice(0, limit), hasMore: found.length > limit };
}
