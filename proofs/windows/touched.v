(** How many elements of an axis are read by a layer of m windows, dilated or not.

    Window i reads i·s + j·d − b for j = 0 … k − 1, where that is one of the n elements. *)

From Coq Require Import ZArith Lia Bool.
Open Scope Z_scope.

(** Σ g(i) for i = 0 … t − 1 *)
Fixpoint total (g : Z -> Z) (t : nat) : Z :=
  match t with O => 0 | S k => total g k + g (Z.of_nat k) end.
Fixpoint any (p : Z -> bool) (t : nat) : bool :=
  match t with O => false | S k => any p k || p (Z.of_nat k) end.
Definition indicator (b : bool) : Z := if b then 1 else 0.

Lemma total_same : forall f g t, (forall i, 0 <= i < Z.of_nat t -> f i = g i) -> total f t = total g t.
Proof.
intros f g t H. induction t as [|t IH]; [reflexivity|]. cbn [total].
rewrite IH by (intros; apply H; lia). rewrite (H (Z.of_nat t)) by lia. reflexivity.
Qed.

Lemma total_of_sum : forall f g t, total (fun i => f i + g i) t = total f t + total g t.
Proof. intros f g t. induction t as [|t IH]; [reflexivity|]. cbn [total]. rewrite IH. ring. Qed.

Lemma total_of_difference : forall f g t, total (fun i => f i - g i) t = total f t - total g t.
Proof. intros f g t. induction t as [|t IH]; [reflexivity|]. cbn [total]. rewrite IH. ring. Qed.

Lemma total_0 : forall t, total (fun _ => 0) t = 0.
Proof. induction t as [|t IH]; [reflexivity|]. cbn [total]. now rewrite IH. Qed.

Lemma exchanged : forall (f : Z -> Z -> Z) t v,
  total (fun i => total (f i) v) t = total (fun j => total (fun i => f i j) t) v.
Proof.
intros f t v. induction t as [|t IH]; [cbn [total]; now rewrite total_0|].
cbn [total]. rewrite IH, <- total_of_sum. reflexivity.
Qed.

(** The last of the terms are those of a sum that begins later. *)
Lemma later : forall f d t,
  total (fun i => if Z.of_nat d <=? i then f (i - Z.of_nat d) else 0) (d + t) = total f t.
Proof.
intros f d t. induction t as [|t IH].
- rewrite Nat.add_0_r. cbn [total]. transitivity (total (fun _ => 0) d); [|apply total_0].
  apply total_same. intros i Hi. destruct (Z.leb_spec (Z.of_nat d) i); [lia | reflexivity].
- rewrite Nat.add_succ_r. cbn [total]. rewrite IH. f_equal.
  destruct (Z.leb_spec (Z.of_nat d) (Z.of_nat (d + t))); [|lia]. f_equal. lia.
Qed.

Lemma counted_once : forall x n, total (fun e => indicator (x =? e)) n
  = indicator ((0 <=? x) && (x <? Z.of_nat n)).
Proof.
intros x n. induction n as [|n IH].
- cbn [total]. destruct (Z.leb_spec 0 x), (Z.ltb_spec x (Z.of_nat 0)); simpl; lia.
- cbn [total]. rewrite IH. unfold indicator.
  destruct (Z.leb_spec 0 x), (Z.ltb_spec x (Z.of_nat n)), (Z.ltb_spec x (Z.of_nat (S n))),
    (Z.eqb_spec x (Z.of_nat n)); simpl; lia.
Qed.

Section Layer.

Variables s d : Z.
Hypothesis s_positive : 0 < s.
Hypothesis d_positive : 0 < d.
Notation g := (Z.gcd s d).

(** Whether x is j·d for one of the j = 0 … k − 1. *)
Definition position (k x : Z) : bool := (x mod d =? 0) && ((0 <=? x) && (x <? k * d)).
(** Whether window i of a layer reads element e. *)
Definition reads (k b e i : Z) : bool := position k (e + b - i * s).
Definition elements (n : nat) (k b : Z) (m : nat) : Z :=
  total (fun e => indicator (any (reads k b e) m)) n.
Definition taps (n : nat) (k b : Z) (m : nat) : Z :=
  total (fun i => total (fun j => let x := i * s + j * d - b in
    indicator ((0 <=? x) && (x <? Z.of_nat n))) (Z.to_nat k)) m.

Lemma gcd_positive : 0 < g.
Proof.
pose proof (Z.gcd_nonneg s d). assert (g <> 0); [|lia].
intros E. apply Z.gcd_eq_0_l in E. lia.
Qed.

Lemma parts : exists s' d', s = g * s' /\ d = g * d' /\ s / g = s' /\ d / g = d'
  /\ 0 < s' /\ 0 < d' /\ Z.gcd s' d' = 1 /\ d' * s = s' * d.
Proof.
pose proof gcd_positive as Hg. set (c := g) in *.
destruct (Z.gcd_divide_l s d) as [s' Es]. destruct (Z.gcd_divide_r s d) as [d' Ed]. fold c in Es, Ed.
exists s', d'. repeat split; try lia; try nia.
- rewrite Es at 1. apply Z.div_mul. lia.
- rewrite Ed at 1. apply Z.div_mul. lia.
- assert (E : c * Z.gcd s' d' = c).
  { rewrite <- Z.gcd_mul_mono_l_nonneg by lia.
    now rewrite (Z.mul_comm c s'), (Z.mul_comm c d'), <- Es, <- Ed. }
  nia.
Qed.

Lemma position_iff : forall k x, position k x = true <-> (d | x) /\ 0 <= x < k * d.
Proof.
intros k x. unfold position. rewrite !andb_true_iff, Z.eqb_eq, Z.leb_le, Z.ltb_lt.
rewrite Z.mod_divide by lia. tauto.
Qed.

(** Two windows over one element are whole steps apart, and so is one step back from the later. *)
Lemma no_gap : forall k b e i later, i < later -> reads k b e i = true -> reads k b e later = true ->
  i <= later - d / g /\ reads k b e (later - d / g) = true.
Proof.
intros k b e i later Hlt Hi Hl. unfold reads in *. rewrite position_iff in *.
destruct parts as [s' [d' [Es [Ed [_ [-> [Hs [Hd [Hcop Hm]]]]]]]]].
destruct Hi as [[x Hx] Bx]. destruct Hl as [[y Hy] By].
assert (Hdiv : (d' | later - i)).
{ apply Z.gauss with s'; [|now rewrite Z.gcd_comm].
  exists (x - y). apply Z.mul_reg_l with g; [pose proof gcd_positive; lia|]. nia. }
destruct Hdiv as [r Hr]. assert (0 < r) by nia. split; [nia|].
replace (e + b - (later - d') * s) with (e + b - later * s + s' * d) by lia.
split; [exists (y + s'); lia|]. nia.
Qed.

Definition new (k b e i : Z) : bool :=
  reads k b e i && negb ((d / g <=? i) && reads k b e (i - d / g)).

Lemma any_iff : forall p t, any p t = true <-> exists i, 0 <= i < Z.of_nat t /\ p i = true.
Proof.
intros p t. induction t as [|t IH].
- simpl. split; [discriminate | intros [i [Hi _]]; lia].
- cbn [any]. rewrite orb_true_iff, IH. split.
  + intros [[i [Hi H]]|H]; [exists i | exists (Z.of_nat t)]; split; auto; lia.
  + intros [i [Hi H]]. destruct (Z.eq_dec i (Z.of_nat t)) as [->|Hne]; [now right|].
    left. exists i. split; [lia | exact H].
Qed.

Lemma read_once : forall k b e m,
  indicator (any (reads k b e) m) = total (fun i => indicator (new k b e i)) m.
Proof.
intros k b e m. induction m as [|m IH]; [reflexivity|]. cbn [any total]. rewrite <- IH.
assert (Hd : 0 < d / g) by (destruct parts as [s' [d' [_ [_ [_ [-> [_ [H _]]]]]]]]; exact H).
set (l := Z.of_nat m). destruct (any (reads k b e) m) eqn:A; cbn [orb].
- assert (N : new k b e l = false).
  { unfold new. destruct (reads k b e l) eqn:L; [|reflexivity].
    apply any_iff in A. destruct A as [i [Hi Ri]].
    destruct (no_gap k b e i l ltac:(unfold l; lia) Ri L) as [Hle Hr].
    rewrite Hr. destruct (Z.leb_spec (d / g) l); [reflexivity | lia]. }
  rewrite N. reflexivity.
- assert (N : new k b e l = reads k b e l); [|now rewrite N].
  unfold new. destruct (reads k b e l); [|reflexivity]. simpl.
  destruct (Z.leb_spec (d / g) l) as [Hle|Hgt]; [|reflexivity]. simpl.
  destruct (reads k b e (l - d / g)) eqn:R; [|reflexivity].
  assert (T : any (reads k b e) m = true); [|congruence].
  apply any_iff. exists (l - d / g). split; [unfold l in *; lia | exact R].
Qed.

(** Every element that is read counts at the first window over it. *)
(* false: indicator (new k b e i) => indicator (reads k b e i) *)
Theorem elements_by_their_first_window : forall n k b m,
  elements n k b m = total (fun i => total (fun e => indicator (new k b e i)) n) m.
Proof.
intros n k b m. rewrite exchanged. apply total_same. intros e _. apply read_once.
Qed.

Lemma positions : forall k x, total (fun j => indicator (x =? j * d)) (Z.to_nat k)
  = indicator (position k x).
Proof.
intros k x. destruct (Z.le_gt_cases k 0) as [Hk|Hk].
- replace (Z.to_nat k) with 0%nat by lia. cbn [total].
  destruct (position k x) eqn:P; [|reflexivity]. apply position_iff in P. nia.
- rewrite <- (Z2Nat.id k) at 2 by lia. generalize (Z.to_nat k) as t. clear k Hk.
  induction t as [|t IH].
  + cbn [total]. destruct (position (Z.of_nat 0) x) eqn:P; [|reflexivity].
    apply position_iff in P. nia.
  + cbn [total]. rewrite IH.
    destruct (position (Z.of_nat t) x) eqn:P, (position (Z.of_nat (S t)) x) eqn:Q,
      (Z.eqb_spec x (Z.of_nat t * d)) as [E|E]; cbn [indicator]; try reflexivity; exfalso.
    * apply position_iff in P. nia.
    * apply position_iff in P. nia.
    * apply position_iff in P. assert (T : position (Z.of_nat (S t)) x = true); [|congruence].
      apply position_iff. split; [tauto | nia].
    * apply position_iff in Q. destruct Q as [[y Hy] B].
      assert (y = Z.of_nat t \/ y < Z.of_nat t) as [->|Hlt] by nia; [lia|].
      assert (T : position (Z.of_nat t) x = true); [|congruence].
      apply position_iff. split; [now exists y | nia].
    * assert (T : position (Z.of_nat (S t)) x = true); [|congruence].
      apply position_iff. split; [exists (Z.of_nat t); lia | nia].
Qed.

Lemma taps_by_element : forall n k b m,
  taps n k b m = total (fun i => total (fun e => indicator (reads k b e i)) n) m.
Proof.
intros n k b m. apply total_same. intros i _. cbv zeta.
rewrite (total_same _ (fun j => total (fun e => indicator (i * s + j * d - b =? e)) n))
  by (intros; symmetry; apply counted_once).
rewrite exchanged. apply total_same. intros e _. unfold reads. rewrite <- positions.
apply total_same. intros j _. f_equal.
destruct (Z.eqb_spec (i * s + j * d - b) e), (Z.eqb_spec (e + b - i * s) (j * d)); try reflexivity; lia.
Qed.

Lemma step_back : forall k b e i,
  reads k b e i && reads k b e (i - d / g) = reads (k - s / g) (b - s / g * d) e (i - d / g).
Proof.
intros k b e i. apply eq_iff_eq_true. rewrite andb_true_iff. unfold reads. rewrite !position_iff.
destruct parts as [s' [d' [Es [Ed [-> [-> [Hs [Hd [Hcop Hm]]]]]]]]].
replace (e + b - (i - d') * s) with (e + b - i * s + s' * d) by lia.
replace (e + (b - s' * d) - (i - d') * s) with (e + b - i * s) by lia.
split.
- intros [[D B] [_ B']]. split; [exact D | nia].
- intros [[y Hy] B]. assert (s' * d > 0) by nia. split; (split; [|nia]).
  + now exists y.
  + exists (y + s'). lia.
Qed.

(* false: (b - s / g * d) => b *)
(* false: (k - s / g) => k *)
Theorem touched_elements : forall n k b m,
  elements n k b m
  = taps n k b m - taps n (k - s / g) (b - s / g * d) (Z.to_nat (Z.of_nat m - d / g)).
Proof.
intros n k b m. rewrite elements_by_their_first_window, !taps_by_element.
assert (Hd : 0 < d / g) by (destruct parts as [s' [d' [_ [_ [_ [-> [_ [H _]]]]]]]]; exact H).
set (c := Z.to_nat (d / g)). assert (Hc : Z.of_nat c = d / g) by (unfold c; lia).
set (back := fun i => total (fun e => indicator (reads (k - s / g) (b - s / g * d) e i)) n).
assert (E : total (fun i => total (fun e => indicator (new k b e i)) n) m
  = total (fun i => total (fun e => indicator (reads k b e i)) n
      - (if Z.of_nat c <=? i then back (i - Z.of_nat c) else 0)) m).
{ apply total_same. intros i Hi. rewrite Hc. destruct (Z.leb_spec (d / g) i) as [Hle|Hgt].
  - unfold back. rewrite <- total_of_difference. apply total_same. intros e _.
    rewrite <- step_back. unfold new. destruct (Z.leb_spec (d / g) i); [|lia].
    now destruct (reads k b e i), (reads k b e (i - d / g)).
  - rewrite Z.sub_0_r. apply total_same. intros e _. unfold new.
    destruct (Z.leb_spec (d / g) i); [lia|]. now rewrite andb_true_r. }
rewrite E, total_of_difference. f_equal.
destruct (Nat.le_gt_cases c m) as [Hle|Hgt].
- replace m with (c + (m - c))%nat at 1 by lia. rewrite later. f_equal. lia.
- replace (Z.to_nat (Z.of_nat m - d / g)) with 0%nat by lia. cbn [total].
  transitivity (total (fun _ => 0) m); [|apply total_0]. apply total_same. intros i Hi.
  destruct (Z.leb_spec (Z.of_nat c) i); [lia | reflexivity].
Qed.

End Layer.
