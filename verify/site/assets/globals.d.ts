// What pages write beside the scripts, as data.
declare const ROOT: string;
declare const SEARCH: { title: string; kind: string; href: string; words: string }[];
declare const FORMATS: FormatData[];
declare const NETWORKS: NetworkData[];
declare const PLANES: PlaneData[];
