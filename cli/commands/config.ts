import type { Command } from "../command.js";
import { deleteCluster, deleteContext, deleteUser, renameContext, useContext } from "./config/entries.js";
import { set, setCluster, setContext, setCredentials, unset } from "./config/set.js";
import { currentContext, getClusters, getContexts, getUsers, view } from "./config/show.js";

export const config: Command = {
  name: "config",
  summary: "Look at and change the kubeconfig.",
  examples: ["navctl config get-contexts", "navctl config set-context --current --namespace=demo"],
  flags: {},
  subcommands: [
    currentContext,
    deleteCluster,
    deleteContext,
    deleteUser,
    getClusters,
    getContexts,
    getUsers,
    renameContext,
    set,
    setCluster,
    setContext,
    setCredentials,
    unset,
    useContext,
    view,
  ],
};
