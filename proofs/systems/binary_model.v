(** How the number system [binary] speaks of IEEE 754's binary formats: an element is a real number,
    a float of the format without a largest exponent, and a flag that says that it is NaN. A number
    beyond the largest finite one, [Omega], stands for an infinity. Every operation that solvers are
    told of makes, of what represents its operands, what represents IEEE's result. *)

From Coq Require Import Reals Lra Lia ZArith Bool.
From Flocq Require Import Core BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding ieee.
Open Scope R_scope.

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation fexp := (FLT_exp (SpecFloat.emin prec emax) prec).
Notation float := (generic_format radix2 fexp).
Notation finite x := (is_finite x = true).
Notation fl := (round radix2 fexp ZnearestE).
Notation Omega := (Omega prec emax).
Notation add := (Bplus mode_NE : number -> number -> number).
Notation sub := (Bminus mode_NE : number -> number -> number).

Definition represents (x : number) (nan : Prop) (v : R) : Prop :=
  float v /\
  match x with
  | B754_nan => nan
  | B754_infinity s => ~ nan /\ (if s then v < - Omega else Omega < v)
  | _ => ~ nan /\ v = B2R x
  end.

Definition within (v : R) : Prop := Rabs v <= Omega.

(** A sum: its rounding, or the operand that is infinite. *)
Definition result (v w rounded : R) : R :=
  if Rle_dec (Rabs v) Omega then if Rle_dec (Rabs w) Omega then rounded else w else v.

Definition cancel (v w : R) : Prop := Omega < v /\ w < - Omega \/ v < - Omega /\ Omega < w.

Lemma Omega_is_positive : 0 < Omega.
Proof.
unfold ieee.Omega. assert (bpow radix2 (emax - prec) < bpow radix2 emax); [|lra].
apply bpow_lt. red in prec_gt_0_. lia.
Qed.

Lemma finite_is_within : forall x : number, finite x -> Rabs (B2R x) <= Omega.
Proof. intros x _. exact (abs_B2R_le_emax_minus_prec prec emax _ x). Qed.

Lemma represented : forall (x : number) n v, represents x n v -> is_nan x = false ->
  ~ n /\ (finite x /\ v = B2R x /\ Rabs v <= Omega
    \/ x = B754_infinity false /\ Omega < v \/ x = B754_infinity true /\ v < - Omega).
Proof.
intros x n v [_ R] N. destruct x as [s|[|]| |s m e H]; try discriminate N; destruct R as [Hn Hv];
  (split; [exact Hn|]); auto; left; (split; [reflexivity|]); (split; [exact Hv|]); rewrite Hv;
  now apply finite_is_within.
Qed.

Lemma represents_finite : forall (x : number) (n : Prop), finite x -> ~ n -> represents x n (B2R x).
Proof.
intros x n F N. split; [apply generic_format_B2R|]. now destruct x.
Qed.

Lemma rounded_float : forall v, float (fl v).
Proof. intros v. apply generic_format_round; auto with typeclass_instances. Qed.

Lemma beyond : forall v, ~ Rabs v <= Omega -> Omega < v \/ v < - Omega.
Proof. intros v H. unfold Rabs in H. destruct (Rcase_abs v); lra. Qed.

(** What Flocq says of both: finite operands, the exact result [z], IEEE's result [r]. *)
Lemma modelled : forall (r : number) (s : bool) z (n : Prop), ~ n ->
  (if Rlt_bool (Rabs (fl z)) (bpow radix2 emax)
   then B2R r = fl z /\ finite r else B2SF r = binary_overflow prec emax mode_NE s) ->
  (s = true -> z <= 0) -> (s = false -> 0 <= z) -> represents r n (fl z).
Proof.
intros r s z n N C Sn Sp. destruct (Rlt_bool_spec (Rabs (fl z)) (bpow radix2 emax)) as [H|H].
- destruct C as [E F]. rewrite <- E. now apply represents_finite.
- split; [apply rounded_float|].
  assert (B : Omega < bpow radix2 emax).
  { unfold ieee.Omega. pose proof (bpow_gt_0 radix2 (emax - prec)). lra. }
  assert (P : forall q, 0 <= q -> 0 <= fl q).
  { intros q Hq. apply round_ge_generic; auto using generic_format_0 with typeclass_instances. }
  assert (Q : forall q, q <= 0 -> fl q <= 0).
  { intros q Hq. apply round_le_generic; auto using generic_format_0 with typeclass_instances. }
  destruct s; destruct r as [t|[|]| |t m e Hb]; simpl in C; try discriminate C; (split; [exact N|]).
  + specialize (Q z (Sn eq_refl)). rewrite Rabs_left1 in H by exact Q. lra.
  + specialize (P z (Sp eq_refl)). rewrite Rabs_pos_eq in H by exact P. lra.
Qed.

Lemma sign_says : forall x : number, finite x ->
  (Bsign x = true -> B2R x <= 0) /\ (Bsign x = false -> 0 <= B2R x).
Proof.
intros [s|s| |s m e H] F; try discriminate F; simpl; split; intros E; try lra; subst.
- apply F2R_le_0. simpl. lia.
- apply F2R_ge_0. simpl. lia.
Qed.

Ltac split_operand R N H :=
  let A := fresh in pose proof (represented _ _ _ R) as A; specialize (A N);
  destruct A as [? [H|[H|H]]].

(* false: (result v w (fl (v + w))) => (result w v (fl (v + v))) *)
(* false: \/ cancel v w => \/ False *)
Theorem sums_as_modelled : forall (x y : number) (n m : Prop) v w,
  represents x n v -> represents y m w ->
  represents (add x y) (n \/ m \/ cancel v w) (result v w (fl (v + w))).
Proof.
intros x y n m v w Rx Ry. pose proof Omega_is_positive as OP.
assert (Fr : float (result v w (fl (v + w)))).
{ unfold result. destruct Rx as [Fv _], Ry as [Fw _].
  destruct (Rle_dec _ _); auto. destruct (Rle_dec _ _); auto using rounded_float. }
destruct (is_nan x) eqn:Nx.
{ destruct x; try discriminate Nx. destruct Rx as [_ Hn].
  replace (add B754_nan y) with (B754_nan : number) by (now destruct y). split; simpl; auto. }
destruct (is_nan y) eqn:Ny.
{ destruct y; try discriminate Ny. destruct Ry as [_ Hn].
  replace (add x B754_nan) with (B754_nan : number) by (now destruct x). split; simpl; auto. }
unfold result in *. split_operand Rx Nx Hx; split_operand Ry Ny Hy.
- destruct Hx as (Fx & Ev & Bv), Hy as (Fy & Ew & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [_|K]; [|now contradiction K].
  destruct (Rle_dec (Rabs w) Omega) as [_|K]; [|now contradiction K].
  assert (NC : ~ (n \/ m \/ cancel v w)).
  { intros [K|[K|K]]; auto. unfold cancel in K. apply Rabs_le_inv in Bv. lra. }
  pose proof (Bplus_correct prec emax _ _ mode_NE x y Fx Fy) as C. subst v w.
  change (round_mode mode_NE) with ZnearestE in C.
  destruct (sign_says x Fx) as [Sx1 Sx2], (sign_says y Fy) as [Sy1 Sy2].
  destruct (Rlt_bool (Rabs (fl (B2R x + B2R y))) (bpow radix2 emax)) eqn:L.
  + apply (modelled _ (Rlt_bool (B2R x + B2R y) 0)); auto.
    * change (SpecFloat.fexp prec emax) with fexp in C. rewrite L in C |- *.
      destruct C as [C1 [C2 _]]. now split.
    * destruct (Rlt_bool_spec (B2R x + B2R y) 0); [lra | discriminate].
    * destruct (Rlt_bool_spec (B2R x + B2R y) 0); [discriminate | lra].
  + change (SpecFloat.fexp prec emax) with fexp in C. rewrite L in C. destruct C as [C S].
    apply (modelled _ (Bsign x)); auto.
    * now rewrite L.
    * intros E. rewrite <- S in Sy1. specialize (Sx1 E). specialize (Sy1 E). lra.
    * intros E. rewrite <- S in Sy2. specialize (Sx2 E). specialize (Sy2 E). lra.
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [_|K]; [|now contradiction K].
  destruct (Rle_dec (Rabs w) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  apply Rabs_le_inv in Bv. destruct x; try discriminate Fx; (split; [exact Fr|]);
    (split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bw]).
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [_|K]; [|now contradiction K].
  destruct (Rle_dec (Rabs w) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  apply Rabs_le_inv in Bv. destruct x; try discriminate Fx; (split; [exact Fr|]);
    (split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bw]).
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  apply Rabs_le_inv in Bw. destruct y; try discriminate Fy; (split; [exact Fr|]);
    (split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bv]).
- destruct Hx as (-> & Bv), Hy as (-> & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  split; [exact Fr|]. split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bv].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [exact Fr|]. right. right. now left.
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  apply Rabs_le_inv in Bw. destruct y; try discriminate Fy; (split; [exact Fr|]);
    (split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bv]).
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [exact Fr|]. right. right. now right.
- destruct Hx as (-> & Bv), Hy as (-> & Bw).
  destruct (Rle_dec (Rabs v) Omega) as [K|_]; [apply Rabs_le_inv in K; lra|].
  split; [exact Fr|]. split; [unfold cancel; intros [K|[K|K]]; auto; lra | exact Bv].
Qed.

(* false: n (- v) => n v *)
Theorem opposites_as_modelled : forall (x : number) (n : Prop) v,
  represents x n v -> represents (Bopp x) n (- v).
Proof.
intros x n v [F R]. split; [now apply generic_format_opp|].
destruct x as [s|[|]| |s m e H]; simpl; auto; destruct R as [N E]; (split; [exact N|]).
- rewrite E. simpl. ring.
- lra.
- lra.
- rewrite E. simpl. rewrite <- F2R_Zopp. now destruct s.
Qed.

(* false: n (Rabs v) => n (- Rabs v) *)
Theorem magnitudes_as_modelled : forall (x : number) (n : Prop) v,
  represents x n v -> represents (Babs x) n (Rabs v).
Proof.
intros x n v [F R]. pose proof Omega_is_positive. split; [now apply generic_format_abs|].
destruct x as [s|[|]| |s m e H']; simpl; auto; destruct R as [N E]; (split; [exact N|]).
- rewrite E. simpl. apply Rabs_R0.
- rewrite Rabs_left; lra.
- rewrite Rabs_pos_eq; lra.
- rewrite E. simpl. rewrite <- F2R_Zabs. now destruct s.
Qed.

(* false: (relu v) => (relu (- v)) *)
Theorem relus_as_modelled : forall (x : number) (n : Prop) v,
  represents x n v -> represents (frelu prec emax x) n (relu v).
Proof.
intros x n v R. pose proof Omega_is_positive as OP.
assert (F : float (relu v)).
{ destruct R as [F _]. unfold relu, Rmax. destruct (Rle_dec v 0); auto using generic_format_0. }
destruct (is_finite x) eqn:Fx.
- destruct (frelu_value prec emax x Fx) as [Fr Er].
  assert (N : ~ n /\ v = B2R x) by (destruct R as [_ R]; now destruct x).
  destruct N as [N ->]. rewrite <- Er. now apply represents_finite.
- split; [exact F|]. destruct R as [_ R].
  destruct x as [s|[|]| |s m e H]; try discriminate Fx; simpl; unfold relu in *;
    try exact R; destruct R as [N E]; (split; [exact N|]).
  + apply Rmax_right. lra.
  + rewrite Rmax_left; lra.
Qed.

(* false: v <= w \/ => v < w \/ *)
Theorem order_as_modelled : forall (x y : number) (n m : Prop) v w,
  represents x n v -> represents y m w ->
  Bleb x y = true <->
  ~ n /\ ~ m /\ (v <= w \/ Omega < v /\ Omega < w \/ v < - Omega /\ w < - Omega).
Proof.
intros x y n m v w Rx Ry. pose proof Omega_is_positive as OP.
destruct (is_nan x) eqn:Nx.
{ destruct x; try discriminate Nx. destruct Rx as [_ Hn]. split; [discriminate | tauto]. }
destruct (is_nan y) eqn:Ny.
{ destruct y; try discriminate Ny. destruct Ry as [_ Hn].
  split; [destruct x as [| [|] | |]; discriminate | tauto]. }
split_operand Rx Nx Hx; split_operand Ry Ny Hy.
- destruct Hx as (Fx & -> & Bv), Hy as (Fy & -> & Bw). rewrite Bleb_correct by assumption.
  apply Rabs_le_inv in Bv, Bw. destruct (Rle_bool_spec (B2R x) (B2R y)) as [L|L]; split;
    try discriminate; try tauto; intros K; lra.
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw). apply Rabs_le_inv in Bv.
  replace (Bleb x (B754_infinity false)) with true by (now destruct x as [|[|]| |[|] ? ? ?]).
  split; [intros _; repeat split; auto; lra | trivial].
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw). apply Rabs_le_inv in Bv.
  replace (Bleb x (B754_infinity true)) with false by (now destruct x as [|[|]| |[|] ? ? ?]).
  split; [discriminate | intros K; lra].
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw). apply Rabs_le_inv in Bw.
  replace (Bleb (B754_infinity false) y) with false by (now destruct y as [|[|]| |[|] ? ? ?]).
  split; [discriminate | intros K; lra].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [intros _; tauto | reflexivity].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [discriminate | intros K; lra].
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw). apply Rabs_le_inv in Bw.
  replace (Bleb (B754_infinity true) y) with true by (now destruct y as [|[|]| |[|] ? ? ?]).
  split; [intros _; repeat split; auto; lra | trivial].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [intros _; repeat split; auto; lra | trivial].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [intros _; tauto | reflexivity].
Qed.

(* false: n /\ m \/ => n \/ m \/ *)
(* false: v = w \/ => v <= w \/ *)
Theorem equality_as_modelled : forall (x y : number) (n m : Prop) v w,
  represents x n v -> represents y m w ->
  same prec emax x y <->
  n /\ m \/ ~ n /\ ~ m /\ (v = w \/ Omega < v /\ Omega < w \/ v < - Omega /\ w < - Omega).
Proof.
intros x y n m v w Rx Ry. pose proof Omega_is_positive as OP. unfold same.
destruct (is_nan x) eqn:Nx.
{ destruct x; try discriminate Nx. destruct Rx as [_ Hn]. split.
  - intros [[_ K]|K]; [|discriminate]. destruct y; try discriminate K. destruct Ry as [_ Hm]. tauto.
  - intros [[_ K]|[K _]]; [|tauto]. left. split; [reflexivity|].
    destruct y; simpl; auto; destruct Ry as [_ [N _]]; tauto. }
destruct (is_nan y) eqn:Ny.
{ destruct y; try discriminate Ny. destruct Ry as [_ Hm].
  destruct (represented _ _ _ Rx Nx) as [Hn _]. split; [|tauto].
  intros [[K _]|K]; [discriminate | destruct x as [| [|] | |]; discriminate]. }
split_operand Rx Nx Hx; split_operand Ry Ny Hy.
- destruct Hx as (Fx & -> & Bv), Hy as (Fy & -> & Bw). rewrite Beqb_correct by assumption.
  apply Rabs_le_inv in Bv, Bw. destruct (Req_bool_spec (B2R x) (B2R y)) as [L|L]; split;
    try tauto; try (intros [[K _]|K]; discriminate); intros [[K _]|K]; [contradiction | lra].
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw). apply Rabs_le_inv in Bv.
  replace (Beqb x (B754_infinity false)) with false by (now destruct x as [|[|]| |[|] ? ? ?]).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (Fx & Ev & Bv), Hy as (-> & Bw). apply Rabs_le_inv in Bv.
  replace (Beqb x (B754_infinity true)) with false by (now destruct x as [|[|]| |[|] ? ? ?]).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw). apply Rabs_le_inv in Bw.
  replace (Beqb (B754_infinity false) y) with false by (now destruct y as [|[|]| |[|] ? ? ?]).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [intros _; right; tauto | now right].
- destruct Hx as (-> & Bv), Hy as (-> & Bw).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (-> & Bv), Hy as (Fy & Ew & Bw). apply Rabs_le_inv in Bw.
  replace (Beqb (B754_infinity true) y) with false by (now destruct y as [|[|]| |[|] ? ? ?]).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (-> & Bv), Hy as (-> & Bw).
  split; [intros [[K _]|K]; discriminate | intros [[K _]|K]; [contradiction | lra]].
- destruct Hx as (-> & Bv), Hy as (-> & Bw). split; [intros _; right; tauto | now right].
Qed.

(* false: (Rmax v w) => (Rmin v w) *)
Theorem maxima_as_modelled : forall (x y : number) (n m : Prop) v w,
  represents x n v -> represents y m w -> represents (fmax prec emax x y) (n \/ m) (Rmax v w).
Proof.
intros x y n m v w Rx Ry. pose proof Omega_is_positive as OP.
assert (F : float (Rmax v w)) by (destruct Rx, Ry; unfold Rmax; now destruct (Rle_dec v w)).
unfold fmax. destruct (is_nan x) eqn:Nx.
{ destruct x; try discriminate Nx. destruct Rx as [_ Hn]. split; simpl; auto. }
destruct (is_nan y) eqn:Ny.
{ destruct y; try discriminate Ny. destruct Ry as [_ Hm]. split; simpl; auto. }
destruct (represented _ _ _ Rx Nx) as [Hn Cx], (represented _ _ _ Ry Ny) as [Hm Cy].
assert (N : ~ (n \/ m)) by tauto.
assert (G : forall (z : number) (k : Prop) q, represents z k q -> is_nan z = false ->
  represents z (n \/ m) q) by (intros z k q [Fz Rz] Nz; split; [exact Fz|]; destruct z;
    try discriminate Nz; (split; [exact N | now destruct Rz])).
pose proof (order_as_modelled y x m n w v Ry Rx) as O.
destruct (Bleb y x).
- destruct O as [O _]. destruct (O eq_refl) as (_ & _ & [L|[[L1 L2]|[L1 L2]]]).
  + rewrite Rmax_left by exact L. now apply G with n.
  + destruct Cx as [(_ & _ & B)|[[-> _]|[_ B]]]; [apply Rabs_le_inv in B; lra | | lra].
    split; [exact F|]. split; [exact N|]. unfold Rmax. now destruct (Rle_dec v w).
  + destruct Cx as [(_ & _ & B)|[[_ B]|[-> _]]]; [apply Rabs_le_inv in B; lra | lra |].
    split; [exact F|]. split; [exact N|]. unfold Rmax. now destruct (Rle_dec v w).
- rewrite Rmax_right; [now apply G with m|].
  destruct (Rle_or_lt v w) as [L|L]; [exact L|].
  exfalso. assert (false = true); [|discriminate]. apply O. repeat split; auto. left. lra.
Qed.

(* false: (if Rle_dec (Rabs v) Omega then fl (v / 2) else v) => (fl (v / 2)) *)
(** Half of a number is what multiplying it by h = 1/2 gives. *)
Theorem halves_as_modelled : forall (h x : number) (n : Prop) v,
  finite h -> B2R h = / 2 -> represents x n v ->
  represents (Bmult mode_NE x h) n (if Rle_dec (Rabs v) Omega then fl (v / 2) else v).
Proof.
intros h x n v Fh Eh R. pose proof Omega_is_positive as OP.
assert (Sh : Bsign h = false).
{ destruct (sign_says h Fh) as [S _]. destruct (Bsign h); [|reflexivity].
  specialize (S eq_refl). lra. }
assert (Ff : float (if Rle_dec (Rabs v) Omega then fl (v / 2) else v)).
{ destruct R as [Fv _]. destruct (Rle_dec _ _); auto using rounded_float. }
destruct (is_nan x) eqn:Nx.
{ destruct x; try discriminate Nx. destruct R as [_ Hn].
  replace (Bmult mode_NE B754_nan h) with (B754_nan : number) by (now destruct h).
  split; simpl; auto. }
split_operand R Nx Hx.
- destruct Hx as (Fx & -> & B). destruct (Rle_dec _ _) as [_|K]; [|now contradiction K].
  pose proof (Bmult_correct prec emax _ _ mode_NE x h) as C.
  change (round_mode mode_NE) with ZnearestE in C.
  change (SpecFloat.fexp prec emax) with fexp in C. rewrite Eh in C.
  destruct (sign_says x Fx) as [S1 S2].
  apply (modelled _ (xorb (Bsign x) (Bsign h))); auto.
  + unfold Rdiv. destruct (Rlt_bool _ _); [|exact C]. destruct C as [C1 [C2 _]].
    split; [exact C1|]. now rewrite C2, Fx, Fh.
  + rewrite Sh, xorb_false_r. intros E. specialize (S1 E). lra.
  + rewrite Sh, xorb_false_r. intros E. specialize (S2 E). lra.
- destruct Hx as (-> & B). destruct (Rle_dec _ _) as [K|_]; [apply Rabs_le_inv in K; lra|].
  destruct h as [s|s| |s k e Hb]; try discriminate Fh; simpl in Sh, Eh; [lra|].
  subst s. split; [exact Ff|]. now split.
- destruct Hx as (-> & B). destruct (Rle_dec _ _) as [K|_]; [apply Rabs_le_inv in K; lra|].
  destruct h as [s|s| |s k e Hb]; try discriminate Fh; simpl in Sh, Eh; [lra|].
  subst s. split; [exact Ff|]. now split.
Qed.

End AnyBinaryFormat.
