import { Reflector } from '@nestjs/core';
import type { z } from 'zod';

/**
 * What /openapi.json tells of a route. Its URL, status, path parameters and kinds of keys are not repeated here: they
 * are read off @Controller, @Get and the like, @HttpCode and @Access. A schema with `.meta({ id: 'Tenant' })` becomes
 * a component of that name; `.describe('…')` of a property becomes its description.
 */
export interface RouteDescription {
  /** The method's name in generated clients, so it never changes: listTenants, createTenant, rotateApiKey. */
  operationId: string;
  /** A few words, as in a table of contents. */
  summary: string;
  /** What else a caller has to know, in Markdown. */
  details?: string;
  /** One property for each query parameter. */
  query?: z.ZodObject<Readonly<Record<string, z.ZodType>>>;
  /** The JSON body that the route takes. */
  body?: z.ZodType;
  /** Whether the body may be left out. */
  bodyOptional?: boolean;
  /** The JSON body of success; left out where success has none. */
  answer?: z.ZodType;
  /** Media types besides JSON that success may have, each with what it holds. */
  otherForms?: Readonly<Record<string, string>>;
  /** Headers of success besides those of every answer, lower-case, each with its meaning. */
  answerHeaders?: Readonly<Record<string, string>>;
  /** Whether the route takes If-Match with the version of what it changes. */
  ifMatch?: boolean;
  /** Only where it is not what @HttpCode or the method says: of replies that the handler writes itself. */
  status?: number;
}

/** Every route describes itself; one that does not fails the test of openapi.integration.spec.ts. */
export const Describe = Reflector.createDecorator<RouteDescription>();
