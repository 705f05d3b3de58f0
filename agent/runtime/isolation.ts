/** What a sandbox and its containers have to themselves, and what they share. */
export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly containerPort: number;
  readonly hostPort: number;
  /** All of the host's addresses where absent. */
  readonly hostIP?: string;
}

export interface ContainerSecurity {
  readonly privileged?: boolean;
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly supplementalGroups?: readonly number[];
  readonly seccomp?: SecurityProfile;
  readonly appArmor?: SecurityProfile;
  readonly seLinux?: {
    readonly user?: string;
    readonly role?: string;
    readonly type?: string;
    readonly level?: string;
  };
  /** Nothing of /proc is hidden or read-only. */
  readonly unmaskedProc?: boolean;
}

export interface SecurityProfile {
  readonly type: "RuntimeDefault" | "Unconfined" | "Localhost";
  /** Of the profile on this node: a path (seccomp) or a name (AppArmor). */
  readonly localhost?: string;
}
