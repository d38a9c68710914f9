// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Holding, Holdings} from "../../../contracts/libraries/Holding.sol";
import {Standing} from "../../../contracts/libraries/Standing.sol";
import {ValueTest} from "./ValueTest.sol";

/// @notice One slot of stake and standing: no field leaks into its neighbour, and evidence stays within its bounds.
contract HoldingTest is ValueTest {
    function test_layout_matchesTheDrawing_succeeds(uint96 stake, uint96 unbonding, uint32 upheld, uint32 overturned) external pure {
        Holding holding = pack(stake, unbonding, upheld, overturned);
        assertFields(holding, stake, unbonding, upheld, overturned);
    }

    function test_withStakes_keepsStanding_succeeds(uint256 word, uint96 stake, uint96 unbonding) external pure {
        Holding before_ = Holding.wrap(word);
        assertFields(before_.withStakes(stake, unbonding), stake, unbonding, before_.upheld(), before_.overturned());
    }

    function test_afterUpheld_keepsStakesAndFollowsTheFormula_succeeds(uint96 stake, uint96 unbonding, uint32 upheld, uint32 overturned) external pure {
        (upheld, overturned) = (upheld % (10e6 + 1), overturned % (10e6 + 1));
        Holding holding = pack(stake, unbonding, upheld, overturned).afterUpheld();
        assertFields(holding, stake, unbonding, uint256(upheld) * 900_000 / 1_000_000 + 1_000_000, uint256(overturned) * 900_000 / 1_000_000);
    }

    function test_afterSlash_takesTheBondedPartFirstAndFollowsTheFormula_succeeds(uint96 stake, uint96 unbonding, uint96 part, uint32 upheld, uint32 overturned) external pure {
        (upheld, overturned) = (upheld % (10e6 + 1), overturned % (10e6 + 1));
        unbonding = uint96(bound(unbonding, 0, stake));
        part = uint96(bound(part, 0, stake));
        uint256 left = uint256(stake) - part;
        Holding holding = pack(stake, unbonding, upheld, overturned).afterSlash(part);
        uint256 leaving = unbonding < left ? unbonding : left;
        assertFields(holding, left, leaving, uint256(upheld) * 900_000 / 1_000_000, uint256(overturned) * 900_000 / 1_000_000 + 1_000_000);
    }

    /// @dev Whatever happens to an operator, for as long as it likes.
    function test_standing_anyCourse_staysWithinTenUnits_succeeds(uint256 course) external pure {
        Holding holding = pack(7, 3, 0, 0);
        for (uint256 i; i < 256; ++i) {
            holding = course >> i & 1 == 1 ? holding.afterUpheld() : holding.afterSlash(0);
            assertTrue(holding.upheld() < 10e6 && holding.overturned() < 10e6, "ten units");
            assertTrue(holding.upheld() + holding.overturned() < 10e6, "together");
        }
        assertFields(holding, 7, 3, holding.upheld(), holding.overturned());
    }

    function test_reputation_isBoundedAndMirrored_succeeds(uint32 upheld, uint32 overturned) external pure {
        (uint256 mean, uint256 uncertainty) = Standing.reputation(upheld, overturned);
        (uint256 mirrored, uint256 same) = Standing.reputation(overturned, upheld);
        assertTrue(mean < 1e6 && uncertainty <= 1e6, "bounded");
        assertEq(uncertainty, same, "uncertainty");
        assertTrue(mean + mirrored == 1e6 || mean + mirrored == 1e6 - 1, "mirrored");
    }

    function pack(uint96 stake, uint96 unbonding, uint32 upheld, uint32 overturned) private pure returns (Holding) {
        return Holding.wrap(uint256(stake) | uint256(unbonding) << 96 | uint256(upheld) << 192 | uint256(overturned) << 224);
    }

    function assertFields(Holding holding, uint256 stake, uint256 unbonding, uint256 upheld, uint256 overturned) private pure {
        assertEq(holding.stake(), stake, "stake");
        assertEq(holding.unbonding(), unbonding, "unbonding");
        assertEq(holding.upheld(), upheld, "upheld");
        assertEq(holding.overturned(), overturned, "overturned");
    }
}
