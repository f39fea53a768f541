(** One hidden layer of ReLUs is not the maximum of three numbers or more, however wide it is.

    A window of k + 1 taps is what a function from numbers to reals says at 0 … k. A neuron is the
    factor with which it enters the output, its weights and its bias. *)

From Coq Require Import Reals Lra Lia List.
From poolproof Require Import affine.
Import ListNotations.
Open Scope R_scope.

Definition relu (x : R) : R := Rmax x 0.
Definition neuron : Type := R * (nat -> R) * R.

Fixpoint layer (k : nat) (neurons : list neuron) (x : nat -> R) : R :=
  match neurons with
  | [] => 0
  | (v, w, b) :: others => v * relu (affine k w b x) + layer k others x
  end.
Definition opposite (x : nat -> R) (i : nat) : R := - x i.
Definition linear (k : nat) (neurons : list neuron) (x : nat -> R) : R :=
  fold_right (fun (n : neuron) s => let '(v, w, _) := n in v * total k (fun i => w i * x i) + s)
    0 neurons.

Lemma total_opposite : forall k w x,
  total k (fun i => w i * opposite x i) = - total k (fun i => w i * x i).
Proof.
intros k w x. rewrite (total_same k (fun i => w i * opposite x i) (fun i => w i * x i * -1)).
- rewrite total_scaled. ring.
- intros i _. unfold opposite. ring.
Qed.

Lemma odd_part_of_a_neuron : forall z b, Rabs (relu (z + b) - relu (- z + b) - z) <= Rabs b.
Proof.
intros z b. unfold relu, Rmax, Rabs.
destruct (Rle_dec (z + b) 0), (Rle_dec (- z + b) 0), (Rcase_abs b);
  match goal with |- context [Rcase_abs ?x] => destruct (Rcase_abs x) end; lra.
Qed.

Lemma odd_part_is_nearly_linear : forall k neurons, exists C, forall x,
  Rabs (layer k neurons x - layer k neurons (opposite x) - linear k neurons x) <= C.
Proof.
intros k. induction neurons as [|[[v w] b] others [C IH]].
- exists 0. intros x. simpl. rewrite Rabs_pos_eq; lra.
- exists (Rabs v * Rabs b + C). intros x. simpl. unfold affine. rewrite total_opposite.
  specialize (IH x). set (z := total k (fun i => w i * x i)).
  pose proof (odd_part_of_a_neuron z b) as H.
  replace (v * relu (z + b) + layer k others x
    - (v * relu (- z + b) + layer k others (opposite x)) - (v * z + linear k others x))
    with (v * (relu (z + b) - relu (- z + b) - z)
      + (layer k others x - layer k others (opposite x) - linear k others x)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
  apply Rplus_le_compat; [|exact IH]. apply Rmult_le_compat_l; [apply Rabs_pos | exact H].
Qed.

(** t at the first three taps and 0 elsewhere. *)
Definition three (t : R) (i : nat) : R := if Nat.ltb i 3 then t else 0.

Lemma three_singles : forall t i, three t i = single 0 t 0 i + single 1 t 0 i + single 2 t 0 i.
Proof.
intros t [|[|[|i]]]; unfold three, single; simpl; ring.
Qed.

Lemma linear_of_three : forall k neurons t,
  linear k neurons (three t) = linear k neurons (single 0 t 0) + linear k neurons (single 1 t 0)
    + linear k neurons (single 2 t 0).
Proof.
intros k neurons t. induction neurons as [|[[v w] b] others IH]; simpl; [ring|]. rewrite IH.
rewrite (total_same k (fun i => w i * three t i)
  (fun i => w i * single 0 t 0 i + w i * single 1 t 0 i + w i * single 2 t 0 i))
  by (intros i _; rewrite three_singles; ring).
rewrite 2!total_of_sum. ring.
Qed.

Lemma odd_maximum_of_single : forall k j t, (j <= k)%nat -> 0 <= t ->
  t <= largest k (single j t 0) - largest k (opposite (single j t 0)).
Proof.
intros k j t Hj Ht.
assert (t <= largest k (single j t 0)).
{ apply Rle_trans with (single j t 0 j); [|now apply tap_at_most_largest].
  unfold single. rewrite Nat.eqb_refl. lra. }
assert (largest k (opposite (single j t 0)) <= 0).
{ apply largest_at_most. intros i _. unfold opposite, single. destruct (Nat.eqb i j); lra. }
lra.
Qed.

Lemma odd_maximum_of_three : forall k t, 0 <= t ->
  largest k (three t) - largest k (opposite (three t)) <= 2 * t.
Proof.
intros k t Ht.
assert (largest k (three t) <= t).
{ apply largest_at_most. intros i _. unfold three. destruct (Nat.ltb i 3); lra. }
assert (- t <= largest k (opposite (three t))).
{ apply Rle_trans with (opposite (three t) 0); [|apply tap_at_most_largest; lia].
  unfold opposite, three. simpl. lra. }
lra.
Qed.

(* false: (2 <= k)%nat => (1 <= k)%nat *)
Theorem one_hidden_layer_is_not_the_maximum : forall k, (2 <= k)%nat ->
  ~ exists neurons c, forall x, layer k neurons x + c = largest k x.
Proof.
intros k Hk (neurons & c & H).
destruct (odd_part_is_nearly_linear k neurons) as [C HC].
assert (D : forall x, Rabs (largest k x - largest k (opposite x) - linear k neurons x) <= C).
{ intros x. rewrite <- 2!H. specialize (HC x). revert HC. apply Rle_trans.
  right. f_equal. ring. }
assert (0 <= C) by (eapply Rle_trans; [apply Rabs_pos | apply (D (three 0))]).
set (t := 4 * C + 1). assert (Ht : 0 <= t) by (unfold t; lra).
pose proof (D (single 0 t 0)) as D0. pose proof (D (single 1 t 0)) as D1.
pose proof (D (single 2 t 0)) as D2. pose proof (D (three t)) as D3.
apply within in D0, D1, D2, D3. rewrite linear_of_three in D3.
pose proof (odd_maximum_of_single k 0 t ltac:(lia) Ht).
pose proof (odd_maximum_of_single k 1 t ltac:(lia) Ht).
pose proof (odd_maximum_of_single k 2 t ltac:(lia) Ht).
pose proof (odd_maximum_of_three k t Ht). unfold t in *. lra.
Qed.
