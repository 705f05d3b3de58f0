import type {} from "lmdb";

// What lmdb does and its declarations leave out.
declare module "lmdb" {
  interface Database<V, K> {
    put(id: K, value: V, options: PutOptions): Promise<boolean>;
  }
  interface RootDatabaseOptions {
    permissionsMode?: number;
  }
}
