(** The windows of adaptive pooling over n elements with m outputs, and how many taps they have.

    Window i is from ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉, written as the project writes it. *)

From Coq Require Import ZArith Znumtheory Lia List.
Open Scope Z_scope.

Definition begin (n m i : Z) : Z := i * n / m.
Definition finish (n m i : Z) : Z := - (- ((i + 1) * n) / m).

(** Σ g(i) for i = 0 … t − 1 *)
Fixpoint total (g : Z -> Z) (t : nat) : Z :=
  match t with O => 0 | S k => total g k + g (Z.of_nat k) end.
Definition indicator (b : bool) : Z := if b then 1 else 0.
Definition multiple (m x : Z) : bool := x mod m =? 0.

Lemma rounded_up : forall a m, 0 < m ->
  - (- a / m) = a / m + 1 - indicator (multiple m a).
Proof.
intros a m Hm. unfold multiple, indicator.
destruct (a mod m =? 0) eqn:E; [apply Z.eqb_eq in E | apply Z.eqb_neq in E].
- rewrite Z.div_opp_l_z by lia. lia.
- rewrite Z.div_opp_l_nz by lia. lia.
Qed.

(** Where m divides i·n the window before ends where window i begins, else one element later. *)
Lemma taps_of_the_first : forall n m t, 0 < n -> 0 < m -> (0 < t)%nat ->
  total (fun i => finish n m i - begin n m i) t
  = - (- (Z.of_nat t * n) / m) + Z.of_nat t - total (fun i => indicator (multiple m (i * n))) t.
Proof.
intros n m t Hn Hm Ht. induction t as [|t IH]; [lia|]. cbn [total].
destruct t as [|t].
- cbn [total]. unfold finish, begin. change (Z.of_nat 0) with 0. change (Z.of_nat 1) with 1.
  rewrite !Z.mul_0_l, Z.div_0_l by lia. unfold multiple, indicator.
  rewrite Zmod_0_l. simpl. lia.
- rewrite IH by lia. unfold finish, begin.
  replace (Z.of_nat (S t) + 1) with (Z.of_nat (S (S t))) by lia.
  rewrite (rounded_up (Z.of_nat (S t) * n) m Hm). lia.
Qed.

(** Multiples of q among 0 … g·q − 1. *)
Lemma multiples : forall q t, 0 < q ->
  total (fun i => indicator (multiple q i)) t = - (- Z.of_nat t / q).
Proof.
intros q t Hq. induction t as [|t IH]; [cbn [total]; now rewrite Z.div_0_l by lia|]. cbn [total]. rewrite IH.
replace (- Z.of_nat (S t)) with (- Z.of_nat t - 1) by lia. unfold multiple, indicator.
set (x := Z.of_nat t).
pose proof (Z.div_mod (- x) q ltac:(lia)) as D1. pose proof (Z.mod_pos_bound (- x) q Hq) as B1.
pose proof (Z.div_mod (- x - 1) q ltac:(lia)) as D2.
pose proof (Z.mod_pos_bound (- x - 1) q Hq) as B2.
destruct (x mod q =? 0) eqn:E; [apply Z.eqb_eq in E | apply Z.eqb_neq in E].
- assert (M : (- x) mod q = 0) by (rewrite Z.mod_opp_l_z by lia; lia). rewrite M in D1.
  assert ((- x - 1) / q = - x / q - 1).
  { symmetry. apply Z.div_unique with (q - 1); lia. }
  lia.
- pose proof (Z.mod_pos_bound x q Hq).
  assert (M : (- x) mod q <> 0) by (rewrite Z.mod_opp_l_nz by lia; lia).
  assert ((- x - 1) / q = - x / q).
  { symmetry. apply Z.div_unique with ((- x) mod q - 1); lia. }
  lia.
Qed.

Lemma divides_iff : forall n m i, 0 < n -> 0 < m ->
  multiple m (i * n) = multiple (m / Z.gcd n m) i.
Proof.
intros n m i Hn Hm. set (g := Z.gcd n m).
assert (Hg : 0 < g).
{ pose proof (Z.gcd_nonneg n m). assert (g <> 0); [|unfold g in *; lia].
  intros E. apply Z.gcd_eq_0_l in E. lia. }
destruct (Z.gcd_divide_l n m) as [n' En]. destruct (Z.gcd_divide_r n m) as [m' Em]. fold g in En, Em.
assert (Hm' : m / g = m') by (rewrite Em at 1; now apply Z.div_mul; lia).
rewrite Hm'.
assert (Hcop : Z.gcd n' m' = 1).
{ assert (E : g * Z.gcd n' m' = g).
  { rewrite <- Z.gcd_mul_mono_l_nonneg by lia.
    rewrite (Z.mul_comm g n'), (Z.mul_comm g m'), <- En, <- Em. reflexivity. }
  nia. }
assert (Hp : 0 < m') by nia.
unfold multiple. apply Bool.eq_iff_eq_true. rewrite !Z.eqb_eq.
rewrite !Z.mod_divide by lia. rewrite En at 1. rewrite Em at 1. split.
- intros [q Hq]. assert (D : (m' | n' * i)).
  { exists q. apply Z.mul_reg_r with g; [lia|]. lia. }
  apply Z.gauss with n'; [exact D|]. now rewrite Z.gcd_comm.
- intros [q ->]. exists (q * n'). ring.
Qed.

(* false: = n + m - Z.gcd n m => = n + m - 1 *)
Theorem taps_of_adaptive_pooling : forall n m, 0 < n -> 0 < m ->
  total (fun i => finish n m i - begin n m i) (Z.to_nat m) = n + m - Z.gcd n m.
Proof.
intros n m Hn Hm. rewrite taps_of_the_first by lia. rewrite Z2Nat.id by lia.
assert (E : forall t, total (fun i => indicator (multiple m (i * n))) t
  = total (fun i => indicator (multiple (m / Z.gcd n m) i)) t).
{ induction t as [|t IH]; [reflexivity|]. cbn [total]. now rewrite IH, divides_iff. }
rewrite E. set (g := Z.gcd n m).
assert (Hg : 0 < g).
{ pose proof (Z.gcd_nonneg n m). assert (g <> 0); [|unfold g in *; lia].
  intros E'. apply Z.gcd_eq_0_l in E'. lia. }
destruct (Z.gcd_divide_r n m) as [m' Em]. fold g in Em.
assert (Hm' : m / g = m') by (rewrite Em at 1; apply Z.div_mul; lia).
rewrite Hm', multiples by nia. rewrite Z2Nat.id by lia.
replace (- (m * n)) with (- n * m) by ring. rewrite Z.div_mul by lia.
replace (- m) with (- g * m') by lia. rewrite Z.div_mul by nia. lia.
Qed.

(* false: finish n m i - 1 <= => finish n m i <= *)
Theorem windows_cover_the_input : forall n m, 0 < n -> 0 < m ->
  begin n m 0 = 0 /\ finish n m (m - 1) = n /\
  forall i, 0 <= i -> begin n m i < finish n m i /\
  finish n m i - 1 <= begin n m (i + 1) <= finish n m i.
Proof.
intros n m Hn Hm. unfold begin, finish. split; [now rewrite Z.mul_0_l, Zdiv_0_l|]. split.
{ replace (- ((m - 1 + 1) * n)) with (- n * m) by ring. rewrite Z.div_mul; lia. }
intros i Hi. rewrite rounded_up by exact Hm. unfold indicator.
pose proof (Z.div_mod (i * n) m ltac:(lia)). pose proof (Z.mod_pos_bound (i * n) m Hm).
pose proof (Z.div_mod ((i + 1) * n) m ltac:(lia)).
pose proof (Z.mod_pos_bound ((i + 1) * n) m Hm). unfold multiple.
destruct (((i + 1) * n) mod m =? 0) eqn:E; [apply Z.eqb_eq in E | apply Z.eqb_neq in E]; split; try lia.
- assert (i * n / m < (i + 1) * n / m); [|lia]. apply Z.div_lt_upper_bound; nia.
- assert (i * n / m <= (i + 1) * n / m); [|lia]. apply Z.div_le_mono; lia.
Qed.
